using EventFunctions.Http;
using EventFunctions.Producers;
using EventFunctions.Records;
using static EventFunctions.Tests.Http.Fetching;

namespace EventFunctions.Tests.Http;

public sealed class FetchSafetyTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_secret_is_sent_in_its_header()
    {
        await using var server = await StubServer.StartAsync(Body([7]));
        var auth = new ProducerAuth { Kind = ProducerAuthKind.Header, Header = "x-api-key", Secret = "POLICIES" };

        await FetchAsync(server, change: data => data with { Auth = auth }, secret: "s3cret");

        Assert.Equal("s3cret", Assert.Single(server.Requests).Headers["x-api-key"]);
    }

    [Fact]
    public async Task A_secret_that_is_missing_is_named_and_asked_for_again_later()
    {
        await using var server = await StubServer.StartAsync(Body([7]));
        var auth = new ProducerAuth { Kind = ProducerAuthKind.Header, Header = "x-api-key", Secret = "POLICIES" };

        var error = await FailAsync(server, data => data with { Auth = auth });

        Assert.Equal((FailureReason.AccessDenied, false), (error.Reason, error.Permanent));
        Assert.Contains("ProducerSecrets:POLICIES", error.Message, StringComparison.Ordinal);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task A_token_of_the_services_identity_is_sent_as_bearer()
    {
        await using var server = await StubServer.StartAsync(Body([7]));
        var auth = new ProducerAuth { Kind = ProducerAuthKind.ManagedIdentity, Scope = "api://policies/.default" };
        var producer = Producer(new Uri(server.Url, "api/"), data => data with { Auth = auth });

        await Client(tokens: new Tokens()).FetchAsync(producer, producer.Data!.BaseUrl, Cancellation);

        Assert.Equal("Bearer token for api://policies/.default", Assert.Single(server.Requests).Headers["Authorization"]);
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/")]
    [InlineData("http://localhost:1/")]
    [InlineData("http://[::1]:1/")]
    [InlineData("http://[::ffff:127.0.0.1]:1/")]
    [InlineData("http://2130706433:1/")]
    [InlineData("http://0x7f.1:1/")]
    [InlineData("http://0177.0.0.1:1/")]
    [InlineData("http://169.254.169.254/metadata/")]
    [InlineData("http://168.63.129.16/")]
    [InlineData("http://[fd00:ec2::254]/")]
    [InlineData("http://0.0.0.0:1/")]
    public async Task Addresses_that_are_not_public_are_not_dialled(string url)
    {
        var producer = Producer(new Uri(url));

        var error = await Assert.ThrowsAsync<FetchException>(
            () => Client(new ProducerClientOptions()).FetchAsync(producer, producer.Data!.BaseUrl, Cancellation));

        Assert.Equal((FailureReason.AddressRefused, true), (error.Reason, error.Permanent));
        Assert.Contains("ProducerClient:AllowedNetworks", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_resolves_to_an_allowed_address_is_dialled()
    {
        await using var server = await StubServer.StartAsync(Body([7]));
        var url = new UriBuilder(server.Url) { Host = "localhost", Path = "api/" }.Uri;

        var fetched = await Client().FetchAsync(Producer(url), url, Cancellation);

        Assert.Equal([7], fetched.Body.ToArray());
    }

    [Theory]
    [InlineData("10.0.0.0/33")]
    [InlineData("10.0.0.0")]
    [InlineData("localhost")]
    public void A_network_that_is_none_is_refused_by_its_settings_name(string network)
    {
        var line = Assert.Single(new ProducerClientOptions { AllowedNetworks = ["127.0.0.0/8", network] }.Validate());

        Assert.StartsWith($"ProducerClient:AllowedNetworks:1 is \"{network}\"", line, StringComparison.Ordinal);
        Assert.Contains("example:", line, StringComparison.Ordinal);
    }

    private sealed class Tokens : ITokenSource
    {
        public ValueTask<string> GetTokenAsync(string scope, CancellationToken cancellationToken) =>
            ValueTask.FromResult($"token for {scope}");
    }
}
