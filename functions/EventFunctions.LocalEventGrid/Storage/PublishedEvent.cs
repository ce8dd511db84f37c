using System.Collections.Immutable;

namespace EventFunctions.Local.EventGrid;

/// <summary>An accepted event that at least one subscription gets.</summary>
/// <param name="Sequence">Its place in the order of publication; unique.</param>
/// <param name="PublishedAt">When it was published.</param>
/// <param name="Body">The event's JSON object as it is stored.</param>
/// <param name="Takers">The subscriptions that get it.</param>
internal sealed record PublishedEvent(long Sequence, DateTimeOffset PublishedAt, byte[] Body, ImmutableArray<Dispatcher> Takers);

/// <summary>The delivery of an event to one subscription.</summary>
internal sealed record TopicDelivery
{
    public required long Sequence { get; init; }

    public required DateTimeOffset PublishedAt { get; init; }

    public required byte[] Body { get; init; }

    /// <summary>Whether the delivery is in memory only.</summary>
    public bool IsHeld { get; init; }

    /// <summary>How many attempts there were.</summary>
    public int Attempts { get; init; }

    /// <summary>When the last attempt ended; null before the first.</summary>
    public DateTimeOffset? AttemptedAt { get; init; }

    /// <summary>How the last attempt ended, in the service's words; null before the first.</summary>
    public string? Outcome { get; init; }

    /// <summary>Why the event is a dead letter; null if it is not one.</summary>
    public string? Reason { get; init; }

    /// <summary>When the event is due: for its next attempt, or as a dead letter.</summary>
    public DateTimeOffset DueAt { get; init; }
}
