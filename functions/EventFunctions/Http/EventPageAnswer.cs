using EventFunctions.Consumption;
using EventFunctions.Ports;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A page of records over HTTP: <c>{ "items": […], "continuation": "…" }</c>.</summary>
internal static class EventPageAnswer
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
            page = await events.ListAsync(query, cancellationToken);
        }
        catch (InvalidContinuationException)
        {
            return EventQueryParameters.InvalidContinuation();
        }

        return new JsonAnswer(StatusCodes.Status200OK, writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("items"u8);
            foreach (var record in page.Items)
            {
                EventRecordJson.Write(writer, record, query.WithData);
            }

            writer.WriteEndArray();
            if (page.Continuation is { } continuation)
            {
                writer.WriteString("continuation"u8, tokens.Protect(query, continuation));
            }

            writer.WriteEndObject();
        });
    }
}
