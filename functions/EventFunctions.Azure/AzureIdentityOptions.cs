using EventFunctions.Settings;

namespace EventFunctions.Azure;

/// <summary>Which identity the service has; the settings below <c>AzureIdentity:</c>.</summary>
public sealed record AzureIdentityOptions : ICheckedOptions
{
    /// <summary>The client ID of a user-assigned managed identity; null for the system-assigned one.</summary>
    public string? ClientId { get; init; }

    /// <summary>
    /// The client ID of another user-assigned identity, without roles, for calls to producers; null for none, and then no
    /// producer with <c>managedIdentity</c> can be called in Azure.
    /// </summary>
    public string? OutgoingClientId { get; init; }

    /// <inheritdoc/>
    public IEnumerable<string> Validate() => OutgoingClientId is { Length: > 0 } && OutgoingClientId.Equals(ClientId, StringComparison.OrdinalIgnoreCase)
        ? [$"AzureIdentity:OutgoingClientId is \"{OutgoingClientId}\", as is AzureIdentity:ClientId. Name an identity that has no roles in Azure."]
        : [];
}
