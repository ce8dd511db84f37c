using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A page of records over HTTP: <c>{ "items": […], "continuation": "…" }</c>.</summary>
internal static class EventPageResponse
{
    /// <summary>Reads and writes a page.</summary>
    /// <param name="events">Where the records are.</param>
    /// <param name="query">What to list.</param>
    /// <param name="tokens">Signs the way to the next page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<IResult> ReadAsync(
        EventLookup events, EventQuery query, ContinuationToken tokens, CancellationToken cancellationToken)
    {
        EventPage page;
        try
        {
            page = query.Status == EventStatus.None ? new EventPage([], null) : await events.ListAsync(query, cancellationToken);
        }
        catch (InvalidContinuationException)
        {
            return EventQueryParameters.InvalidContinuation();
        }

        return new PageResponse<EventRecord>(page.Items, (writer, record) => EventRecordJson.Write(writer, record, query.WithData))
        {
            Continuation = page.Continuation is { } continuation ? tokens.Protect(query, continuation) : null,
        };
    }
}
