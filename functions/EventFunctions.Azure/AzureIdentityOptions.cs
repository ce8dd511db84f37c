using Microsoft.Extensions.Options;

namespace EventFunctions.Azure;

/// <summary>Which identity the service has; the settings below <c>AzureIdentity:</c>.</summary>
public sealed record AzureIdentityOptions
{
    /// <summary>The client ID of a user-assigned managed identity; null for the system-assigned one.</summary>
    public string? ClientId { get; init; }

    /// <summary>
    /// The client ID of another user-assigned identity, without roles, for calls to producers; null for none, and then no
    /// producer with <c>managedIdentity</c> can be called in Azure.
    /// </summary>
    public string? OutgoingClientId { get; init; }
}

/// <summary>Refuses one identity for both: an administrator who names a producer chooses whom the outgoing one's tokens are for.</summary>
public sealed class AzureIdentityOptionsValidator : IValidateOptions<AzureIdentityOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, AzureIdentityOptions options) =>
        options.OutgoingClientId is { Length: > 0 } outgoing && outgoing.Equals(options.ClientId, StringComparison.OrdinalIgnoreCase)
            ? ValidateOptionsResult.Fail(
                $"AzureIdentity:OutgoingClientId is \"{outgoing}\", as is AzureIdentity:ClientId. Name an identity that has no roles in Azure.")
            : ValidateOptionsResult.Success;
}
