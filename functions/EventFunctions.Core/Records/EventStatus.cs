namespace EventFunctions.Records;

/// <summary>
/// Where the current run of an event stands. The values are flags, so that a <see cref="RecordPatch"/> can name the
/// statuses it may leave; a record always has exactly one.
/// </summary>
[Flags]
public enum EventStatus
{
    /// <summary>No status: matches nothing.</summary>
    None = 0,

    /// <summary>Durable, and sent or about to be sent to Event Grid.</summary>
    Recorded = 1,

    /// <summary>Durable, and by the producer's rules not to be published.</summary>
    Filtered = 2,

    /// <summary>At least one attempt to bring the event through did not finish.</summary>
    Enriching = 4,

    /// <summary>The full data is stored and the enriched event is published.</summary>
    Completed = 8,

    /// <summary>A permanent failure; nothing more happens without a replay.</summary>
    Failed = 16,

    /// <summary>Event Grid gave up delivering the event.</summary>
    DeadLettered = 32,

    /// <summary>The statuses of a run that failed.</summary>
    Failure = Failed | DeadLettered,

    /// <summary>The statuses of a run that is still going on.</summary>
    Open = Recorded | Enriching,

    /// <summary>The statuses that end a run.</summary>
    Final = Completed | Filtered | Failed | DeadLettered,
}
