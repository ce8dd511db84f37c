using System.Net;
using Azure.Core;
using EventFunctions.Cli;
using EventFunctions.Cli.Service;
using EventFunctions.Tests.Http;
using NSubstitute;

namespace EventFunctions.Tests.Cli;

public sealed class ConnectionTests
{
    private const string Secret = "the-secret-of-this-test";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("http://127.0.0.1:7071")]
    [InlineData("http://127.8.8.8/base")]
    [InlineData("http://[::1]:7071/")]
    [InlineData("http://localhost")]
    [InlineData("https://eventfunctions.example.com")]
    public void A_key_goes_where_nobody_reads_it_on_the_way(string url) =>
        Assert.Equal(url.TrimEnd('/') + "/", Connection.Create(url, Secret, Secret, null).Url.OriginalString);

    [Theory]
    [InlineData("http://example.com")]
    [InlineData("http://10.0.0.1")]
    [InlineData("http://localhost.example.com")]
    [InlineData("http://127.0.0.1.example.com")]
    [InlineData("http://0.0.0.0")]
    public async Task A_key_or_token_is_not_sent_where_everybody_could_read_it(string url)
    {
        foreach (var option in (string[])["--key", "--admin-key", "--producer-key", "--entra"])
        {
            var (exitCode, said, sent) = await RunAsync(_ => new HttpResponseMessage(), "list", "--url", url, option, Secret);

            Assert.Equal(ExitCode.Usage, exitCode);
            Assert.Contains("Use https.", said, StringComparison.Ordinal);
            Assert.DoesNotContain(Secret, said, StringComparison.Ordinal);
            Assert.Empty(sent);
        }

        Assert.NotNull(Connection.Create(url, null, null, null));
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("ftp://127.0.0.1")]
    [InlineData("http://user:password@127.0.0.1")]
    [InlineData("http://127.0.0.1?code=x")]
    [InlineData("http://127.0.0.1#x")]
    public async Task What_is_no_address_of_a_service_is_refused(string url)
    {
        var (exitCode, said, _) = await RunAsync(_ => new HttpResponseMessage(), "list", "--url", url);

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("--url", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_no_header_can_carry_is_refused_and_not_shown()
    {
        var (exitCode, said, _) = await RunAsync(_ => new HttpResponseMessage(), "list", "--key", "the\nkey");

        Assert.Equal(ExitCode.Usage, exitCode);
        Assert.Contains("--key", said, StringComparison.Ordinal);
        Assert.DoesNotContain("the\\u000Akey", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Keys_and_a_token_come_with_each_call_and_are_never_shown()
    {
        var (exitCode, said, sent) = await RunAsync(
            request => Json("""{"items":[]}"""), "list", "--key", Secret + 1, "--admin-key", Secret + 2, "--producer-key", Secret + 3, "--entra", "api://service/.default");

        Assert.Equal((ExitCode.Ok, "Nothing.\n"), (exitCode, said));
        var request = Assert.Single(sent);
        Assert.Equal(Secret + 1, Assert.Single(request.Headers.GetValues("x-functions-key")));
        Assert.Equal(Secret + 2, Assert.Single(request.Headers.GetValues("x-admin-key")));
        Assert.Equal(Secret + 3, Assert.Single(request.Headers.GetValues("x-producer-key")));
        Assert.Equal("Bearer token of api://service/.default", request.Headers.Authorization!.ToString());
    }

    [Fact]
    public async Task A_redirect_is_not_followed_and_takes_no_key_elsewhere()
    {
        await using var elsewhere = await StubServer.StartAsync();
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.Redirect(elsewhere.Url.AbsoluteUri);
            return Task.CompletedTask;
        });

        var run = await ToolRun.RunAsync(ToolRun.At(server.Url) with { Network = network => network }, null, ["list"], Cancellation);

        Assert.Equal(ExitCode.Failed, run.ExitCode);
        Assert.Contains("302", run.Error, StringComparison.Ordinal);
        Assert.Equal(ToolRun.AdministrationKey, Assert.Single(server.Requests).Headers["x-admin-key"]);
        Assert.Empty(elsewhere.Requests);
    }

    [Theory]
    [InlineData(400, ExitCode.Failed)]
    [InlineData(401, ExitCode.Unauthorized)]
    [InlineData(403, ExitCode.Unauthorized)]
    [InlineData(404, ExitCode.NotFound)]
    [InlineData(410, ExitCode.NotFound)]
    [InlineData(409, ExitCode.Conflict)]
    [InlineData(412, ExitCode.Conflict)]
    [InlineData(428, ExitCode.Conflict)]
    [InlineData(413, ExitCode.Failed)]
    [InlineData(429, ExitCode.Unreachable)]
    [InlineData(500, ExitCode.Failed)]
    [InlineData(503, ExitCode.Unreachable)]
    public async Task An_error_is_told_with_its_pointers_and_has_its_exit_code(int status, int expected)
    {
        var (exitCode, said, _) = await RunAsync(
            _ => Json(
                """{"title":"T","status":1,"detail":"What\u001b[2J is wrong.","errors":[{"pointer":"#/a","detail":"Is \u202e bad."},{"parameter":"limit","detail":"Too large."}]}""",
                (HttpStatusCode)status,
                "application/problem+json"),
            "list");

        Assert.Equal(expected, exitCode);
        Assert.StartsWith($"{status} T: What\\u001B[2J is wrong.\n  #/a: Is \\u202E bad.\n  limit: Too large.\n", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(401, "refuses the function key")]
    [InlineData(404, "Check --url")]
    [InlineData(429, "again later")]
    [InlineData(500, "smaller than 100 MB")]
    [InlineData(503, null)]
    public async Task An_empty_error_of_the_platform_gets_the_next_step(int status, string? hint)
    {
        var (_, said, _) = await RunAsync(_ => new HttpResponseMessage((HttpStatusCode)status), "list", "--key", "key");

        Assert.StartsWith("http", said, StringComparison.Ordinal);
        Assert.Equal(hint is not null, said.Trim().Contains('\n', StringComparison.Ordinal));
        Assert.Contains(hint ?? "503", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>", "text/html")]
    [InlineData("{", "application/json")]
    [InlineData("", "application/json")]
    public async Task What_is_no_answer_of_the_service_is_said_so(string body, string type)
    {
        var (exitCode, said, _) = await RunAsync(_ => Json(body, HttpStatusCode.OK, type), "list");

        Assert.Equal(ExitCode.Failed, exitCode);
        Assert.Contains("is not", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_is_not_there_is_unreachable()
    {
        var run = await ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, ["list"], Cancellation);

        Assert.Equal((ExitCode.Unreachable, ""), (run.ExitCode, run.Output));
        Assert.StartsWith("http://127.0.0.1:1/ cannot be reached: ", run.Error, StringComparison.Ordinal);
    }

    private static async Task<(int ExitCode, string Said, List<HttpRequestMessage> Sent)> RunAsync(
        Func<HttpRequestMessage, HttpResponseMessage> answer, params string[] args)
    {
        var network = new Answers(answer);
        var credential = Substitute.For<TokenCredential>();
        credential.GetTokenAsync(Arg.Any<TokenRequestContext>(), Arg.Any<CancellationToken>()).Returns(
            call => new AccessToken($"token of {call.Arg<TokenRequestContext>().Scopes[0]}", DateTimeOffset.MaxValue));
        var context = ToolRun.At(new Uri("http://127.0.0.1:7071"), key: null) with { Network = _ => network, Credential = () => credential };
        var run = await ToolRun.RunAsync(context, null, args, Cancellation);
        Assert.Equal("", run.Output);
        return (run.ExitCode, run.Error.ReplaceLineEndings("\n"), network.Sent);
    }

    private static HttpResponseMessage Json(string json, HttpStatusCode status = HttpStatusCode.OK, string type = "application/json") =>
        new(status) { Content = new StringContent(json, null, type) };
}
