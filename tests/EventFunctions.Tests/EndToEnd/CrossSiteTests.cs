using System.Net;
using System.Net.Http.Headers;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>What a web page and a proxy can reach of a host that asks for no key.</summary>
public sealed class CrossSiteTests(CrossSiteTests.Keyless keyless) : IClassFixture<CrossSiteTests.Keyless>
{
    private const string Key = "the-key-of-this-host";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost.:80")]
    [InlineData("LOCALHOST:7071")]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.9.10:1")]
    [InlineData("[::1]")]
    [InlineData("[::1]:7071")]
    [InlineData("events.test:443")]
    [InlineData("Events.Test.")]
    public async Task A_name_of_this_machine_and_a_configured_one_are_answered(string host) =>
        Assert.Equal(HttpStatusCode.OK, (await GetAsync(("Host", host))).Status);

    [Theory]
    [InlineData("evil.example")]
    [InlineData("evil.example:7071")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("localhost.evil.example")]
    [InlineData("notlocalhost")]
    [InlineData("other.events.test")]
    [InlineData("0.0.0.0")]
    [InlineData("10.0.0.1")]
    [InlineData("[::2]:7071")]
    public async Task Another_name_is_refused_so_that_a_page_cannot_rebind_its_own(string host) =>
        Assert.Equal((HttpStatusCode.Forbidden, true), Contains(await GetAsync(("Host", host)), AllowedHosts.Section));

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Origin", "null")]
    [InlineData("Origin", "http://localhost:7071")]
    [InlineData("Origin", "https://{host}")]
    [InlineData("Origin", "http://{host}.evil.example")]
    [InlineData("Origin", "http://127.0.0.1")]
    [InlineData("Sec-Fetch-Site", "cross-site")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    [InlineData("Sec-Fetch-Site", "Same-Origin")]
    public async Task A_page_of_another_origin_is_refused_whatever_it_asks_for(string header, string value)
    {
        foreach (var path in new[] { "/api/events", "/api/health", "/api/dashboard", "/eventgrid/events/api/events", "/producer/feed", "/nothing" })
        {
            Assert.Equal((HttpStatusCode.Forbidden, true), Contains(await keyless.SendAsync(HttpMethod.Get, path, null, (header, value)), "may not call this host"));
        }

        Assert.Equal(HttpStatusCode.Forbidden, (await keyless.SendAsync(HttpMethod.Options, "/api/events", null, (header, value))).Status);
    }

    [Theory]
    [InlineData("Origin", "http://{host}")]
    [InlineData("Origin", "HTTP://{host}")]
    [InlineData("Sec-Fetch-Site", "same-origin")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task The_hosts_own_pages_and_a_person_are_answered(string header, string value) =>
        Assert.Equal(HttpStatusCode.OK, (await GetAsync((header, value))).Status);

    [Theory]
    [InlineData("text/plain")]
    [InlineData("Text/Plain;charset=UTF-8")]
    [InlineData("text/plain; application/json")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData("multipart/form-data; boundary=x")]
    [InlineData("nonsense")]
    [InlineData(null)]
    public async Task A_post_that_a_page_can_send_unasked_needs_a_key_or_its_own_page(string? type)
    {
        Assert.Equal((HttpStatusCode.Forbidden, true), Contains(await PostAsync(type), "Content-Type: application/json"));
        Assert.NotEqual(HttpStatusCode.Forbidden, (await PostAsync(type, ("x-admin-key", keyless.AdministrationKey))).Status);
        Assert.NotEqual(HttpStatusCode.Forbidden, (await PostAsync(type, ("Origin", "http://{host}"), ("x-admin-key", keyless.AdministrationKey))).Status);
    }

    [Fact]
    public async Task Curl_lines_of_the_guides_go_on_working()
    {
        var binary = await keyless.SendAsync(
            HttpMethod.Post, "/api/events", null, ("ce-specversion", "1.0"), ("ce-id", "binary"), ("ce-source", Service.Source), ("ce-type", "thing.changed"), ("ce-subject", "binary"));
        var structured = await keyless.SendAsync(HttpMethod.Post, "/api/events", Service.Event("structured"));
        var replay = await keyless.SendAsync(
            HttpMethod.Post, $"/api/events/binary/replay?source={Service.Source}", null, ("x-admin-key", keyless.AdministrationKey));

        Assert.Equal([HttpStatusCode.Accepted, HttpStatusCode.Accepted], [binary.Status, structured.Status]);
        Assert.NotEqual(HttpStatusCode.Forbidden, replay.Status);
    }

    [Fact]
    public async Task A_producers_own_message_shows_by_its_signature_who_sends_it()
    {
        var unsigned = await keyless.SendAsync(HttpMethod.Post, "/api/producers/nobody/events", null);

        Assert.DoesNotContain("content type", unsigned.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Origin", "http://evil.example")]
    [InlineData("Host", "evil.example")]
    [InlineData("Sec-Fetch-Site", "none")]
    public async Task Nobody_forges_a_delivery_of_the_local_Event_Grid(string header, string value)
    {
        foreach (var code in new[] { "", "&code=", "&code=guessed" })
        {
            var forged = await keyless.SendAsync(
                HttpMethod.Post, "/runtime/webhooks/EventGrid?functionName=EnrichEvent" + code, Service.Event("forged"), (header, value));
            Assert.Equal(HttpStatusCode.Unauthorized, forged.Status);
        }
    }

    [Fact]
    public async Task Event_Grid_elsewhere_delivers_with_its_key_through_a_proxy()
    {
        var answer = await keyless.SendAsync(
            HttpMethod.Post,
            "/runtime/webhooks/EventGrid?functionName=EnrichEvent&code=grid-key",
            new StringContent("[]", new MediaTypeHeaderValue("application/cloudevents-batch+json")),
            ("aeg-event-type", "Notification"),
            ("Origin", "eventgrid.azure.net"),
            ("Host", "abc.tunnel.example"),
            ("X-Forwarded-For", "192.0.2.1"));

        Assert.Equal(HttpStatusCode.Accepted, answer.Status);
    }

    [Theory]
    [InlineData("Forwarded", "for=192.0.2.1")]
    [InlineData("X-Forwarded-For", "192.0.2.1")]
    [InlineData("x-forwarded-proto", "https")]
    [InlineData("X-Forwarded-Host", "localhost")]
    [InlineData("X-Real-IP", "192.0.2.1")]
    [InlineData("Via", "1.1 proxy")]
    public async Task A_forwarded_request_is_refused_with_the_remedy(string header, string value) =>
        Assert.Equal((HttpStatusCode.Forbidden, true), Contains(await GetAsync((header, value)), "Set Keys:Host"));

    [Fact]
    public async Task So_is_one_of_HTTP_1_0_that_proxies_speak() =>
        Assert.Equal((HttpStatusCode.Forbidden, true), Contains(await GetAsync(("Version", "1.0")), "Set Keys:Host"));

    [Fact]
    public async Task A_host_with_a_key_is_called_by_any_name_and_through_a_proxy_but_not_with_another_pages_cookie()
    {
        await using var service = await Service.StartAsync(settings: [("Keys:Host", Key), ("Sample:Enabled", "true")]);
        using var client = NewClient(service.Host);
        (string, string)[] proxied = [("Host", "events.example"), ("X-Forwarded-For", "192.0.2.1"), ("X-Forwarded-Proto", "https")];
        (string, string) key = ("x-functions-key", Key), cookie = ("Cookie", "session=1");

        var answers = new List<HttpStatusCode>();
        foreach (var headers in new (string, string)[][]
        {
            proxied,
            [.. proxied, key],
            [.. proxied, key, cookie, ("Origin", "https://events.example"), ("Sec-Fetch-Site", "same-origin")],
            [.. proxied, key, cookie, ("Origin", "https://evil.example")],
            [.. proxied, key, cookie, ("Sec-Fetch-Site", "same-site")],
        })
        {
            answers.Add((await SendAsync(client, HttpMethod.Get, "/api/events", null, headers)).Status);
        }

        Assert.Equal([HttpStatusCode.Unauthorized, HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden], answers);
        Assert.Equal((HttpStatusCode.Forbidden, true), Contains(await SendAsync(client, HttpMethod.Get, "/producer/feed", null, proxied), "proxy"));
        Assert.Equal(
            (HttpStatusCode.Forbidden, true),
            Contains(await SendAsync(client, HttpMethod.Get, "/producer/feed", null, ("Host", "evil.example"), ("Origin", "http://evil.example")), AllowedHosts.Section));
        Assert.Equal(HttpStatusCode.OK, (await SendAsync(client, HttpMethod.Get, "/producer/feed", null, ("Host", "192.0.2.7:7071"))).Status);
    }

    [Fact]
    public async Task A_configured_name_that_is_none_ends_the_start()
    {
        using var folder = new TemporaryFolder();

        var refused = await Assert.ThrowsAsync<HostStartException>(() => LocalHost.StartAsync(
            new LocalHostOptions
            {
                Urls = "http://127.0.0.1:0",
                DataDirectory = folder.Path,
                ContentRoot = folder.Path,
                Settings = new Dictionary<string, string?> { ["AllowedHosts:0"] = "http://events.test:80" },
            },
            Cancellation));

        Assert.Contains("AllowedHosts:0", refused.Message, StringComparison.Ordinal);
    }

    private static (HttpStatusCode Status, bool Contains) Contains((HttpStatusCode Status, string Body) answer, string text) =>
        (answer.Status, answer.Body.Contains(text, StringComparison.Ordinal));

    private Task<(HttpStatusCode Status, string Body)> GetAsync(params (string, string)[] headers) => keyless.SendAsync(HttpMethod.Get, "/api/events", null, headers);

    private async Task<(HttpStatusCode Status, string Body)> PostAsync(string? type, params (string, string)[] headers)
    {
        using var content = new ByteArrayContent("{}"u8.ToArray());
        if (type is not null)
        {
            content.Headers.TryAddWithoutValidation("Content-Type", type);
        }

        return await keyless.SendAsync(HttpMethod.Post, "/api/failures", content, headers);
    }

    private static HttpClient NewClient(LocalHost host) => new(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = host.Address };

    private static async Task<(HttpStatusCode Status, string Body)> SendAsync(
        HttpClient client, HttpMethod method, string path, HttpContent? content, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        foreach (var (name, value) in headers)
        {
            switch (name)
            {
                case "Version":
                    request.Version = Version.Parse(value);
                    break;
                default:
                    request.Headers.TryAddWithoutValidation(name, value.Replace("{host}", client.BaseAddress!.Authority, StringComparison.Ordinal));
                    break;
            }
        }

        using var answer = await client.SendAsync(request, Cancellation);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(Cancellation));
    }

    /// <summary>A host on this machine's own address, without keys.</summary>
    public sealed class Keyless : IAsyncLifetime
    {
        private Service _service = null!;
        private HttpClient _client = null!;

        public string AdministrationKey => _service.Host.Configuration[LocalSettings.AdministrationKey]!;

        public async ValueTask InitializeAsync()
        {
            _service = await Service.StartAsync(settings: [("AllowedHosts:0", "events.test"), ("Sample:Enabled", "true"), ("Keys:EventGrid", "grid-key")]);
            _client = NewClient(_service.Host);
        }

        public Task<(HttpStatusCode Status, string Body)> SendAsync(HttpMethod method, string path, HttpContent? content, params (string, string)[] headers) =>
            CrossSiteTests.SendAsync(_client, method, path, content, headers);

        public async ValueTask DisposeAsync()
        {
            _client.Dispose();
            await _service.DisposeAsync();
        }
    }
}
