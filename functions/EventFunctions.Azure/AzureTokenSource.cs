using System.Collections.Concurrent;
using Azure.Core;
using Azure.Identity;
using EventFunctions.Producers;

namespace EventFunctions.Azure;

/// <summary>Gets tokens from Azure.Identity, and keeps each until shortly before it expires.</summary>
/// <param name="identity">Finds the identity for the first token; null if there is none.</param>
/// <param name="time">The time.</param>
internal sealed class AzureTokenSource(Func<AzureIdentity?> identity, TimeProvider time) : ITokenSource
{
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(5);

    private readonly Lazy<AzureIdentity?> _identity = new(identity);
    private readonly ConcurrentDictionary<string, AccessToken> _tokens = new(StringComparer.Ordinal);

    public async ValueTask<string> GetTokenAsync(string scope, CancellationToken cancellationToken)
    {
        if (_identity.Value is not { } caller)
        {
            throw new TokenUnavailableException("AzureIdentity:OutgoingClientId is not set: name a managed identity that has no roles in Azure");
        }

        if (_tokens.TryGetValue(scope, out var known) && known.ExpiresOn - Reserve > time.GetUtcNow())
        {
            return known.Token;
        }

        try
        {
            var token = await caller.Credential.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken);
            _tokens[scope] = token;
            return token.Token;
        }
        catch (AuthenticationFailedException e)
        {
            throw new TokenUnavailableException($"No token for \"{scope}\" under the identity for outgoing calls.", e);
        }
    }
}
