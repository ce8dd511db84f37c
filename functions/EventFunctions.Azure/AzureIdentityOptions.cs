namespace EventFunctions.Azure;

/// <summary>Which identity the service has; the settings below <c>AzureIdentity:</c>.</summary>
public sealed record AzureIdentityOptions
{
    /// <summary>The client ID of a user-assigned managed identity; null for the system-assigned one.</summary>
    public string? ClientId { get; init; }
}
