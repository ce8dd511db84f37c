namespace EventFunctions.Azure;

/// <summary>What to do where the service gets no token for itself.</summary>
internal static class Identity
{
    /// <summary>A sentence for errors.</summary>
    public const string Missing =
        "The service gets no token for an identity of its own: in Azure give the app a managed identity, and name a user-assigned one by "
        + "AzureIdentity:ClientId; elsewhere sign in with 'az login', or set a key.";
}
