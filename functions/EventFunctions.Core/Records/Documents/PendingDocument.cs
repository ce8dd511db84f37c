namespace EventFunctions.Records.Documents;

/// <summary>What a run left to the relay. A later run does not inherit it.</summary>
/// <param name="Run">The run.</param>
/// <param name="Parts">What is left.</param>
public sealed record PendingDocument(int Run, EventParts Parts)
{
    /// <summary>Returns the member of a document; null if nothing is left.</summary>
    /// <param name="run">The run.</param>
    /// <param name="parts">What is left.</param>
    public static PendingDocument? Of(int run, EventParts parts) => parts == EventParts.None ? null : new(run, parts);
}
