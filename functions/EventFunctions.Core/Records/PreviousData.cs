namespace EventFunctions.Records;

/// <summary>The comparison of an enriched event with an earlier event of the same entity.</summary>
/// <param name="Id">The earlier event's <c>id</c>; it has the same <c>source</c>.</param>
/// <param name="Time">When the earlier event happened, UTC.</param>
internal sealed record PreviousData(string Id, DateTimeOffset Time)
{
    /// <summary>The most bytes of UTF-8 that <see cref="Changes"/> may have.</summary>
    public const int MaxChangesBytes = 16 * 1024;

    /// <summary>
    /// What turns the earlier full data into this, as a JSON Patch (RFC 6902) in text; null where one of them is not JSON, is
    /// not kept any more, or the patch is larger than <see cref="MaxChangesBytes"/>.
    /// </summary>
    public string? Changes { get; init; }
}
