using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Http;

/// <summary>The filters of events in a query string.</summary>
internal static class EventFilterParameters
{
    /// <summary>All filters.</summary>
    public static IReadOnlyList<string> Names { get; } = ["status", "source", "type", "subject", "producer", "reason", "dismissed", "from", "to"];

    /// <summary>The filters that hold for one record as it stands, without times.</summary>
    public static IReadOnlyList<string> OfRecords { get; } = ["status", "source", "type", "subject", "producer", "reason", "dismissed"];

    /// <summary>Reads the filters.</summary>
    /// <param name="query">The query string; filters that it may not have are absent.</param>
    public static EventFilter Read(QueryParameters query)
    {
        var filter = new EventFilter
        {
            Status = Status(query),
            Source = query.Text("source"),
            Type = query.Text("type"),
            Subject = query.Text("subject"),
            Producer = query.Text("producer"),
            Reason = query.Text("reason"),
            Dismissed = query.Flag("dismissed"),
        };
        var (from, to) = query.Times();
        filter = filter with { From = from, To = to };

        // Only failures are dismissed or have a reason, and few records are failures.
        return filter.Dismissed == true || filter.Reason is not null ? filter with { Status = (filter.Status ?? EventStatus.Failure) & EventStatus.Failure } : filter;
    }

    private static EventStatus? Status(QueryParameters query)
    {
        if (query.One("status") is not { } text)
        {
            return null;
        }

        var result = EventStatus.None;
        foreach (var name in text.Split(','))
        {
            if (EventStatusName.Parse(name) is not { } status)
            {
                query.AddError("status", $"Must be one or more of {string.Join(", ", EventStatusName.All)}, separated by commas.");
                return null;
            }

            result |= status;
        }

        return result;
    }
}
