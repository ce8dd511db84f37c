using System.ComponentModel;
using System.Net;
using System.Net.Http.Json;
using EventFunctions.Http;
using EventFunctions.Local.CommandLine;
using EventFunctions.Local.Hosting;
using EventFunctions.Records;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Hosting;

public sealed class SignInTests : IDisposable
{
    private static readonly Uri AnyHost = new("http://127.0.0.1:7071/");

    private readonly FakeTimeProvider _time = new();
    private readonly ListLogger<RefusalLog> _log = new();
    private readonly RefusalLog _refusalLog;
    private readonly KeyRefusals _refusals;
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, UseCookies = false });

    public SignInTests()
    {
        _refusalLog = new RefusalLog(_time, _log);
        _refusals = new KeyRefusals(_refusalLog, TestServer.Settings());
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
        _refusalLog.Dispose();
        _client.Dispose();
    }

    [Fact]
    public async Task The_token_of_the_link_is_exchanged_once_for_a_cookie_that_neither_scripts_nor_other_sites_get()
    {
        var signIn = new SignIn(_time, _refusals);
        await using var server = await StartAsync(signIn);
        var link = signIn.CreateLink(server.Client.BaseAddress!);

        using var first = await PostAsync(server, Token(link));
        using var second = await PostAsync(server, Token(link));

        Assert.Equal((HttpStatusCode.NoContent, HttpStatusCode.Forbidden), (first.StatusCode, second.StatusCode));
        Assert.Matches($"^eventfunctions-{server.Client.BaseAddress!.Port}=[A-Za-z0-9_-]{{43}}; path=/; samesite=strict; httponly$", Assert.Single(first.Headers.GetValues("Set-Cookie")));
        Assert.Contains("The link was already used", await second.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        Assert.False(second.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public void The_token_is_256_random_bits_behind_the_hash_which_no_request_has()
    {
        var signIn = new SignIn(_time, _refusals);
        var links = Enumerable.Range(0, 100).Select(_ => signIn.CreateLink(AnyHost)).ToList();

        Assert.All(links, link => Assert.Matches("^#token=[A-Za-z0-9_-]{43}$", link.Fragment));
        Assert.Equal(100, links.Select(Token).Distinct().Count());
        Assert.Equal("/api/dashboard", links[0].PathAndQuery);
    }

    [Fact]
    public async Task A_token_is_refused_when_it_has_expired_was_replaced_is_wrong_or_was_never_given()
    {
        var signIn = new SignIn(_time, _refusals);
        await using var server = await StartAsync(signIn);

        await RefusedAsync("", "not valid for this host");
        var replaced = Token(signIn.CreateLink(AnyHost));
        var token = Token(signIn.CreateLink(AnyHost));
        await RefusedAsync(replaced, "not valid for this host");
        await RefusedAsync(token[..^1], "not valid for this host");
        _time.Advance(SignIn.Lifetime);
        await RefusedAsync(token, "The link has expired");

        async Task RefusedAsync(string sent, string why)
        {
            using var answer = await PostAsync(server, sent);
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Contains(why, await answer.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Wrong_tokens_are_counted_and_logged_like_wrong_keys_and_the_right_one_still_signs_in()
    {
        var signIn = new SignIn(_time, _refusals);
        await using var server = await StartAsync(signIn);
        var token = Token(signIn.CreateLink(AnyHost));

        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i <= KeyRefusals.MaxWrong; i++)
        {
            using var wrong = await PostAsync(server, "wrong");
            statuses.Add(wrong.StatusCode);
        }

        using var right = await PostAsync(server, token);

        Assert.Equal([.. Enumerable.Repeat(HttpStatusCode.Forbidden, KeyRefusals.MaxWrong), HttpStatusCode.TooManyRequests], statuses);
        Assert.Equal(HttpStatusCode.NoContent, right.StatusCode);
        Assert.Contains("sign-in token for POST /session", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"token":"{token}"}""", "text/plain")]
    [InlineData("""{"token":7}""", "application/json")]
    [InlineData("""["{token}"]""", "application/json")]
    [InlineData("no JSON", "application/json")]
    [InlineData("""{"token":"\ud800"}""", "application/json")]
    [InlineData("", "application/json")]
    [InlineData("""{"token":"{token}","much":"{much}"}""", "application/json")]
    public async Task What_is_no_exchange_is_a_bad_request_and_uses_nothing_up(string body, string type)
    {
        var signIn = new SignIn(_time, _refusals);
        await using var server = await StartAsync(signIn);
        var token = Token(signIn.CreateLink(AnyHost));
        using var content = new StringContent(
            body.Replace("{token}", token, StringComparison.Ordinal).Replace("{much}", new string('x', 1_024), StringComparison.Ordinal), null, type);

        using var bad = await _client.PostAsync(Address(server), content, Cancellation);
        using var good = await PostAsync(server, token);

        Assert.Equal((HttpStatusCode.BadRequest, HttpStatusCode.NoContent), (bad.StatusCode, good.StatusCode));
    }

    [Fact]
    public async Task A_session_lasts_until_its_browser_signs_out()
    {
        var signIn = new SignIn(_time, _refusals);
        await using var server = await StartAsync(signIn);
        using var exchanged = await PostAsync(server, Token(signIn.CreateLink(AnyHost)));
        var cookie = exchanged.Headers.GetValues("Set-Cookie").Single().Split(';')[0];
        _time.Advance(TimeSpan.FromDays(7));

        var answers = new List<HttpStatusCode>();
        foreach (var (method, sent) in new[] { ("GET", cookie), ("GET", cookie + "x"), ("DELETE", cookie + "x"), ("GET", cookie), ("DELETE", cookie), ("GET", cookie) })
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), Address(server)) { Headers = { { "Cookie", sent } } };
            using var answer = await _client.SendAsync(request, Cancellation);
            answers.Add(answer.StatusCode);
        }

        Assert.Equal(
            [HttpStatusCode.NoContent, HttpStatusCode.Forbidden, HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.NoContent, HttpStatusCode.Forbidden],
            answers);
    }

    [Fact]
    public async Task The_start_prints_a_link_that_signs_in_and_opens_it_if_it_is_told_to()
    {
        using var folder = new TemporaryFolder();
        var opened = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var options = new LocalHostOptions
        {
            Urls = "http://127.0.0.1:0",
            DataDirectory = folder.Path,
            ContentRoot = folder.Path,
            Settings = new Dictionary<string, string?> { ["Sample:Enabled"] = "false" },
        };

        var run = new ServeCommand(new Terminal(_output, _error, interactive: false, opened.SetResult)).RunAsync(options, opens: true, stop.Token);
        await Task.WhenAny(opened.Task, run);
        var link = await opened.Task.WaitAsync(TimeSpan.Zero, Cancellation);
        using var answer = await _client.PostAsJsonAsync(new Uri(link, SignIn.Path), new { token = Token(link) }, Cancellation);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => run);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal(2, _output.ToString().Split(Token(link)).Length);
    }

    [Fact]
    public void Without_a_browser_the_link_is_left_to_be_opened_by_hand()
    {
        new Terminal(_output, _error, interactive: false, _ => throw new Win32Exception("no browser")).Open(AnyHost);

        Assert.Contains("Could not open a browser (no browser).", _output.ToString(), StringComparison.Ordinal);
    }

    private static Task<TestServer> StartAsync(SignIn signIn) => TestServer.StartAsync(_ => { }, application =>
    {
        application.Use(signIn.Before);
        signIn.Map(application);
    });

    private static string Token(Uri link) => link.Fragment["#token=".Length..];

    private static Uri Address(TestServer server) => new(server.Client.BaseAddress!, SignIn.Path);

    private Task<HttpResponseMessage> PostAsync(TestServer server, string token) => _client.PostAsJsonAsync(Address(server), new { token }, Cancellation);
}
