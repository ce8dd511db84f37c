namespace EventFunctions.Azure;

/// <summary>What to do where the service gets no token for itself.</summary>
internal static class Identity
{
    /// <summary>A sentence for errors.</summary>
    public const string Missing =
        "The service cannot get a token for its identity. In Azure, give the app a managed identity; for a user-assigned one, set "
        + "AzureIdentity:ClientId. Elsewhere, sign in with 'az login', or set a key.";
}
