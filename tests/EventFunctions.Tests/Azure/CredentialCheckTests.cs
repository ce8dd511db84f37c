using Azure.Core;
using Azure.Identity;
using EventFunctions.Azure;
using EventFunctions.Publication;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace EventFunctions.Tests.Azure;

public sealed class CredentialCheckTests
{
    private readonly TokenCredential _credential = Substitute.For<TokenCredential>();
    private readonly ListLogger<CredentialCheck> _log = new();
    private readonly TopicHealth _topic = new(TimeProvider.System, NullLogger<TopicHealth>.Instance);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    private IEnumerable<string> Errors => _log.Lines.Where(line => line.Level == LogLevel.Error).Select(line => line.Text);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_service_that_gets_no_token_says_at_start_what_to_do_and_goes_on(bool isExpired)
    {
        _credential.GetTokenAsync(default, Stop).ReturnsForAnyArgs<AccessToken>(_ => throw (isExpired
            ? new AuthenticationFailedException("AADSTS700082: The refresh token has expired.\nTrace ID: 1")
            : new CredentialUnavailableException("Please run 'az login'")));

        await RunAsync(key: null);

        var error = Assert.Single(Errors);
        Assert.Contains("set AzureIdentity:ClientId", error, StringComparison.Ordinal);
        Assert.Contains("'az login'", error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error);
        Assert.False(_topic.IsHealthy);
    }

    [Fact]
    public async Task A_token_that_is_to_be_had_is_no_news()
    {
        _credential.GetTokenAsync(default, Stop).ReturnsForAnyArgs(new AccessToken("t", DateTimeOffset.MaxValue));

        await RunAsync(key: null);

        Assert.Empty(Errors);
        Assert.True(_topic.IsHealthy);
        var asked = Assert.Single(_credential.ReceivedCalls());
        Assert.Equal(["https://eventgrid.azure.net/.default"], ((TokenRequestContext)asked.GetArguments()[0]!).Scopes);
    }

    [Fact]
    public void In_Azure_the_service_signs_in_as_itself_and_elsewhere_as_its_developer()
    {
        Assert.IsType<ManagedIdentityCredential>(AzureServices.CreateCredential(new AzureIdentityOptions(), "http://169.254.255.2:8081/msi/token"));
        Assert.IsType<ManagedIdentityCredential>(AzureServices.CreateCredential(new AzureIdentityOptions { ClientId = "client" }, "http://169.254.255.2:8081/msi/token"));
        Assert.IsType<ChainedTokenCredential>(AzureServices.CreateCredential(new AzureIdentityOptions { ClientId = "client" }, null));
    }

    [Fact]
    public async Task With_a_key_no_token_is_asked_for()
    {
        await RunAsync(key: "a2V5");

        Assert.Empty(_credential.ReceivedCalls());
    }

    [Fact]
    public async Task A_host_that_stops_meanwhile_hears_nothing()
    {
        using var check = new CredentialCheck(() => new AzureIdentity(new SilentCredential()), Options.Create(new EventGridOptions()), _topic, _log);

        await check.StartAsync(Stop);
        await check.StopAsync(Stop);

        Assert.Empty(Errors);
    }

    private async Task RunAsync(string? key)
    {
        using var check = Check(key);
        await check.StartAsync(Stop);
        await check.ExecuteTask!.WaitAsync(Stop);
    }

    private CredentialCheck Check(string? key) => new(() => new AzureIdentity(_credential), Options.Create(new EventGridOptions { Key = key }), _topic, _log);

    private sealed class SilentCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => throw new NotSupportedException();

        public override async ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return default;
        }
    }
}
