using System.Collections.Concurrent;
using Azure.Core;
using Azure.Identity;
using EventFunctions.Producers;

namespace EventFunctions.Azure;

/// <summary>Gets tokens from Azure.Identity, and keeps each until shortly before it expires.</summary>
/// <param name="credential">The identity; null if there is none.</param>
/// <param name="time">The time.</param>
internal sealed class AzureTokenSource(TokenCredential? credential, TimeProvider time) : ITokenSource
{
    private static readonly TimeSpan Reserve = TimeSpan.FromMinutes(5);

    private readonly ConcurrentDictionary<string, AccessToken> _tokens = new(StringComparer.Ordinal);

    public async ValueTask<string> GetTokenAsync(string scope, CancellationToken cancellationToken)
    {
        if (credential is null)
        {
            throw new TokenUnavailableException("AzureIdentity:OutgoingClientId is not set: name a managed identity that has no roles in Azure");
        }

        if (_tokens.TryGetValue(scope, out var known) && known.ExpiresOn - Reserve > time.GetUtcNow())
        {
            return known.Token;
        }

        try
        {
            var token = await credential.GetTokenAsync(new TokenRequestContext([scope]), cancellationToken);
            _tokens[scope] = token;
            return token.Token;
        }
        catch (AuthenticationFailedException e)
        {
            throw new TokenUnavailableException($"No token for \"{scope}\" under the identity for outgoing calls.", e);
        }
    }
}
