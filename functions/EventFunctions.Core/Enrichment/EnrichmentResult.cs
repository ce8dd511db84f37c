namespace EventFunctions.Enrichment;

/// <summary>What an attempt to enrich an event may come to, as metrics name it.</summary>
internal static class EnrichmentResult
{
    /// <summary>The enriched event is published.</summary>
    public const string Completed = "completed";

    /// <summary>The producer's rules ask for no full data.</summary>
    public const string NotEnriched = "notEnriched";

    /// <summary>The run was over already, or there is no record.</summary>
    public const string Unwanted = "unwanted";

    /// <summary>The event has to be delivered again.</summary>
    public const string Incomplete = "incomplete";

    /// <summary>The event failed for good.</summary>
    public const string Failed = "failed";
}
