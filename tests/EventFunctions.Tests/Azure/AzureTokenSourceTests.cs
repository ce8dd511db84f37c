using Azure.Core;
using Azure.Identity;
using EventFunctions.Azure;
using EventFunctions.Producers;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Azure;

public sealed class AzureTokenSourceTests
{
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_token_is_kept_until_shortly_before_it_expires()
    {
        var credential = new Counting(_time, fails: false);
        var tokens = new AzureTokenSource(() => new AzureIdentity(credential), _time);

        Assert.Equal("api://a/.default 1", await tokens.GetTokenAsync("api://a/.default", Cancellation));
        _time.Advance(TimeSpan.FromMinutes(54));
        Assert.Equal("api://a/.default 1", await tokens.GetTokenAsync("api://a/.default", Cancellation));
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal("api://a/.default 2", await tokens.GetTokenAsync("api://a/.default", Cancellation));
        Assert.Equal("api://b/.default 3", await tokens.GetTokenAsync("api://b/.default", Cancellation));
    }

    [Fact]
    public async Task A_login_that_fails_is_reported_with_the_scope()
    {
        var tokens = new AzureTokenSource(() => new AzureIdentity(new Counting(_time, fails: true)), _time);

        var error = await Assert.ThrowsAsync<TokenUnavailableException>(async () => await tokens.GetTokenAsync("api://a/.default", Cancellation));

        Assert.Contains("api://a/.default", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Producers_are_called_under_an_identity_of_their_own_or_not_at_all()
    {
        const string endpoint = "http://169.254.255.2:8081/msi/token";
        var developer = new AzureIdentity(new Counting(_time, fails: false));
        var both = new AzureIdentityOptions { ClientId = "service", OutgoingClientId = "outgoing" };

        Assert.IsType<ManagedIdentityCredential>(AzureServices.CreateOutgoingIdentity(both, endpoint, () => developer)?.Credential);
        Assert.Same(developer, AzureServices.CreateOutgoingIdentity(both, null, () => developer));
        Assert.Null(AzureServices.CreateOutgoingIdentity(new AzureIdentityOptions { ClientId = "service" }, endpoint, () => developer));
        var error = await Assert.ThrowsAsync<TokenUnavailableException>(async () => await new AzureTokenSource(() => null, _time).GetTokenAsync("api://a/.default", Cancellation));
        Assert.StartsWith("AzureIdentity:OutgoingClientId is not set", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_identity_with_roles_cannot_be_the_one_for_producers()
    {
        Assert.Equal(
            ["AzureIdentity:OutgoingClientId is \"A\", as is AzureIdentity:ClientId. Name an identity that has no roles in Azure."],
            new AzureIdentityOptions { ClientId = "a", OutgoingClientId = "A" }.Validate());
        Assert.Empty(new AzureIdentityOptions().Validate());
    }

    private sealed class Counting(TimeProvider time, bool fails) : TokenCredential
    {
        private int _calls;

        public override AccessToken GetToken(TokenRequestContext requestContext, CancellationToken cancellationToken) => fails
            ? throw new AuthenticationFailedException("no")
            : new AccessToken($"{requestContext.Scopes[0]} {++_calls}", time.GetUtcNow().AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext requestContext, CancellationToken cancellationToken) =>
            ValueTask.FromResult(GetToken(requestContext, cancellationToken));
    }
}
