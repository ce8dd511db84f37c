using EventFunctions.Streams;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>
/// A page of the feed: a batch of CloudEvents, and in the header <c>Last-Event-ID</c> what to ask behind next, of an empty page
/// too. It is no event's ID: that does not tell a place in the store's order.
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
