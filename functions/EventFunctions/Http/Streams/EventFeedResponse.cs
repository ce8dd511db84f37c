using EventFunctions.Streams;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>
/// A page of the feed: a batch of CloudEvents, and in the header <c>Last-Event-ID</c> the position after it, also for an empty page. The
/// position is not an event's ID, because that gives no place in the store's order.
/// </summary>
/// <param name="page">The page.</param>
/// <param name="cursors">Makes the header's value.</param>
internal sealed class EventFeedResponse(EventFeedPage page, ChangeCursor cursors) : IResult
{
    /// <inheritdoc/>
    public Task ExecuteAsync(HttpContext httpContext)
    {
        ArgumentNullException.ThrowIfNull(httpContext);
        httpContext.Response.Headers["Last-Event-ID"] = cursors.Protect(page.Cursor);
        return new PageResponse<ReadOnlyMemory<byte>>(page.Events, (writer, json) => writer.WriteRawValue(json.Span, skipInputValidation: true))
        {
            ContentType = "application/cloudevents-batch+json",
            IsArray = true,
        }.ExecuteAsync(httpContext);
    }
}
