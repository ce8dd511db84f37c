namespace EventFunctions.Consumption;

/// <summary>Settings of the API.</summary>
public sealed record ApiOptions
{
    /// <summary>
    /// The secret that continuation tokens are signed with: base64 of at least 32 bytes, the same on every instance. A new one
    /// makes the tokens that are about useless and nothing else.
    /// </summary>
    public string? ContinuationKey { get; init; }
}
