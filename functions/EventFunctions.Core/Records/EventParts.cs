namespace EventFunctions.Records;

/// <summary>The parts of an event's way beside its enrichment. Each is idempotent and fails alone.</summary>
[Flags]
public enum EventParts
{
    /// <summary>No part.</summary>
    None = 0,

    /// <summary>The deliveries of the event that its producer sent.</summary>
    Thin = 1,

    /// <summary>The deliveries of the enriched event.</summary>
    Enriched = 2,

    /// <summary>The link to the event's entity.</summary>
    Entity = 4,
}
