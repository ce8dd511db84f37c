using System.Net;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>What pages of other origins may read.</summary>
public sealed class AllowedOriginTests(AllowedOriginTests.Open open) : IClassFixture<AllowedOriginTests.Open>
{
    private const string Origin = "https://app.example.com";

    [Theory]
    [InlineData("/api/feed")]
    [InlineData("/api/stream")]
    public async Task A_page_of_an_allowed_origin_may_read_after_it_has_asked(string path)
    {
        using var asked = await open.SendAsync(HttpMethod.Options, path, Origin);
        using var read = await open.SendAsync(HttpMethod.Head, path, Origin);

        Assert.Equal((HttpStatusCode.NoContent, Origin), (asked.StatusCode, Header(asked, "Access-Control-Allow-Origin")));
        Assert.Equal("GET, HEAD", Header(asked, "Access-Control-Allow-Methods"));
        Assert.Equal(
            ["Last-Event-ID", "traceparent", "tracestate", "x-functions-key", "x-producer-key"],
            Header(asked, "Access-Control-Allow-Headers")!.Split(", "));
        Assert.Equal((HttpStatusCode.OK, Origin), (read.StatusCode, Header(read, "Access-Control-Allow-Origin")));
        Assert.Equal("Last-Event-ID, Retry-After", Header(read, "Access-Control-Expose-Headers"));
        Assert.Contains("Origin", Header(read, "Vary"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/feed", "https://other.example.com")]
    [InlineData("/api/stream", "https://app.example.com.evil.example")]
    [InlineData("/api/events", Origin)]
    [InlineData("/api/producers", Origin)]
    public async Task Other_origins_and_other_addresses_stay_closed(string path, string origin)
    {
        foreach (var method in new[] { HttpMethod.Options, HttpMethod.Get })
        {
            using var response = await open.SendAsync(method, path, origin);

            Assert.Equal((HttpStatusCode.Forbidden, null), (response.StatusCode, Header(response, "Access-Control-Allow-Origin")));
        }
    }

    [Fact]
    public async Task A_page_of_an_allowed_origin_can_read_that_its_key_is_missing()
    {
        await using var service = await Service.StartAsync(settings: [("Stream:AllowedOrigins:0", Origin), ("Keys:Host", "a-key-of-the-tests-that-is-long")]);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/feed") { Headers = { { "Origin", Origin } } };
        using var response = await service.Client.SendAsync(request, TestContext.Current.CancellationToken);

        Assert.Equal((HttpStatusCode.Unauthorized, Origin), (response.StatusCode, Header(response, "Access-Control-Allow-Origin")));
    }

    [Fact]
    public async Task An_origin_without_its_place_in_the_list_ends_the_start()
    {
        var wrong = await Assert.ThrowsAnyAsync<Exception>(() => Service.StartAsync(settings: [("Stream:AllowedOrigins", Origin), ("Stream:MaxDuration", "24:00:00")]));

        Assert.Contains("Stream:AllowedOrigins is a list", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("Stream__AllowedOrigins__0", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("Stream:MaxDuration is \"24:00:00\", but hours go up to 23. Write 1.00:00:00.", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_origin_with_a_path_ends_the_start()
    {
        var wrong = await Assert.ThrowsAnyAsync<Exception>(() => Service.StartAsync(settings: [("Stream:AllowedOrigins:0", Origin + "/")]));

        Assert.Contains("Stream:AllowedOrigins:0 is \"https://app.example.com/\", but must be a scheme and a host", wrong.Message, StringComparison.Ordinal);
    }

    private static string? Header(HttpResponseMessage response, string name) =>
        response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : null;

    public sealed class Open : IAsyncLifetime
    {
        private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
        private Service _service = null!;

        public async ValueTask InitializeAsync() => _service = await Service.StartAsync(settings: [("Stream:AllowedOrigins:0", Origin)]);

        public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, string origin)
        {
            using var request = new HttpRequestMessage(method, new Uri(_service.Host.Address, path));
            request.Headers.Add("Origin", origin);
            request.Headers.Add("Sec-Fetch-Site", "cross-site");
            return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        }

        public ValueTask DisposeAsync()
        {
            _client.Dispose();
            return _service.DisposeAsync();
        }
    }
}
