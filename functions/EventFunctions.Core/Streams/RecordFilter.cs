using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Streams;

/// <summary>The filters of a list, asked of one record.</summary>
public static class RecordFilter
{
    /// <summary>Whether a record passes the filters that are set; page and times of recording do not matter.</summary>
    /// <param name="query">The filters.</param>
    /// <param name="record">The record.</param>
    public static bool Matches(this EventQuery query, EventRecord record)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(record);
        return (query.Status is null || (query.Status & record.Status) != 0)
            && (query.Source is null || query.Source == record.Event.Source)
            && (query.Producer is null || query.Producer == record.Producer)
            && (query.Type is null || query.Type == record.Event.Type)
            && (query.Subject is null || query.Subject == record.Event.Subject)
            && (query.Reason is null || query.Reason == record.Reason)
            && (query.Dismissed is null || query.Dismissed == record.Dismissed);
    }
}
