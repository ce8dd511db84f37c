using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Entities;

/// <summary>One event's contribution to its entity. It never changes, except that the data may be added later.</summary>
/// <param name="Entity">The entity.</param>
/// <param name="EventId">The event's ID; its source is the entity's.</param>
/// <param name="Type">The event's type.</param>
/// <param name="Time">The event's own time or, where it has none, when it was recorded.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="DataRun">The latest run that completed with full data; null while there is none, and where it was erased.</param>
/// <param name="Erased">Whether the event's content was erased.</param>
public sealed record EntityFact(
    EntityKey Entity, string EventId, string Type, DateTimeOffset Time, DateTimeOffset RecordedAt, int? DataRun, bool Erased)
{
    /// <summary>Reads a record.</summary>
    /// <param name="record">The record.</param>
    /// <returns>Null where the event is about no entity.</returns>
    public static EntityFact? Of(EventRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return record.Entity is { } entity
            ? new EntityFact(entity, record.Event.Id, record.Event.Type, TimeOf(record), record.RecordedAt.ToUniversalTime(), record.Erased ? null : record.EnrichedRun, record.Erased)
            : null;
    }

    private static DateTimeOffset TimeOf(EventRecord record)
    {
        if (record.Event.Time is not { } text)
        {
            return record.RecordedAt.ToUniversalTime();
        }

        // Intake has seen to its syntax; nearly all are of the form that .NET reads by itself.
        return DateTimeOffset.TryParseExact(text, UtcMilliseconds.Format, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time
            : EventTime.TryParse(text)!.Instant;
    }
}
