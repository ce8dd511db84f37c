using Azure.Core;

namespace EventFunctions.Azure;

/// <summary>
/// A managed identity in Azure, a developer's login elsewhere. The one that the container has is the service's own, with its roles. It is a
/// type of its own because a host that registers a <see cref="TokenCredential"/> loads the libraries of Azure, even if it needs no token.
/// </summary>
/// <param name="credential">The credential.</param>
public sealed class AzureIdentity(TokenCredential credential)
{
    /// <summary>Gets tokens for the identity.</summary>
    public TokenCredential Credential { get; } = credential;
}
