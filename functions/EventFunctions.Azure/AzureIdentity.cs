using Azure.Core;

namespace EventFunctions.Azure;

/// <summary>
/// The service's identity: the managed identity in Azure, a developer's login elsewhere. It is a service of its own because a host that asks
/// the container for a <see cref="TokenCredential"/> loads the libraries of Azure, even if it never needs a token.
/// </summary>
/// <param name="credential">The credential.</param>
public sealed class AzureIdentity(TokenCredential credential)
{
    /// <summary>Gets tokens for the identity.</summary>
    public TokenCredential Credential { get; } = credential;
}
