using EventFunctions.Records;

namespace EventFunctions.Storage;

/// <summary>Which events a list, a stream or a job is about. Filters that are null do not filter; all that are set must match exactly.</summary>
public record EventFilter
{
    /// <summary>The status, or several as flags.</summary>
    public EventStatus? Status { get; init; }

    /// <summary>The source.</summary>
    public string? Source { get; init; }

    /// <summary>The type.</summary>
    public string? Type { get; init; }

    /// <summary>The subject.</summary>
    public string? Subject { get; init; }

    /// <summary>The producer's name.</summary>
    public string? Producer { get; init; }

    /// <summary>The reason of a failure.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether a dismissed failure.</summary>
    public bool? Dismissed { get; init; }

    /// <summary>The entity.</summary>
    public EntityKey? Entity { get; init; }

    /// <summary>Recorded at this time or later.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Recorded before this time.</summary>
    public DateTimeOffset? To { get; init; }

    /// <summary>Returns whether a record matches. The entity and the times of recording are not looked at.</summary>
    /// <param name="record">The record.</param>
    public bool Matches(EventRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return (Status is null || (Status & record.Status) != 0)
            && (Source is null || Source == record.Event.Source)
            && (Producer is null || Producer == record.Producer)
            && (Type is null || Type == record.Event.Type)
            && (Subject is null || Subject == record.Event.Subject)
            && (Reason is null || Reason == record.Reason)
            && (Dismissed is null || Dismissed == record.Dismissed);
    }

    /// <summary>Returns the query for one page.</summary>
    /// <param name="limit">The most records.</param>
    /// <param name="continuation">The store's continuation.</param>
    /// <param name="withData">Whether the records come with their events' data.</param>
    public EventQuery Page(int limit, string? continuation, bool withData) => new(this) { Limit = limit, Continuation = continuation, WithData = withData };
}
