using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Local.SampleProducer;

/// <summary>The sample producer's feed, by the HTTP Feeds convention (http-feeds.org).</summary>
/// <param name="feed">Its events.</param>
/// <param name="time">The clock of events that name no time.</param>
internal sealed class FeedEndpoints(PolicyFeed feed, TimeProvider time)
{
    private const string Batch = "application/cloudevents-batch+json";
    private const int MaxTimeoutMs = 60_000;

    /// <summary>Answers <c>GET /producer/feed?lastEventId={id}&amp;timeout={milliseconds}</c> with a page of CloudEvents.</summary>
    /// <param name="context">The request.</param>
    public async Task GetAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var timeout = 0;
        if (query.ContainsKey("timeout")
            && (!int.TryParse(query["timeout"], NumberStyles.None, CultureInfo.InvariantCulture, out timeout) || timeout > MaxTimeoutMs))
        {
            await TypedResults.Problem($"timeout must be 0 to {MaxTimeoutMs} milliseconds.", statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
            return;
        }

        try
        {
            var (events, total) = await feed.ReadAsync(query["lastEventId"], TimeSpan.FromMilliseconds(timeout), context.RequestAborted);
            await RespondAsync(context, events, string.Create(CultureInfo.InvariantCulture, $"\"{total}\""));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The reader did not wait.
        }
    }

    /// <summary>Answers <c>POST /producer/feed</c>: a CloudEvent, or an array of them, is put at the feed's end. What each has to have but does not, except its ID, is added.</summary>
    /// <param name="context">The request.</param>
    public async Task PostAsync(HttpContext context)
    {
        try
        {
            var body = await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
            IEnumerable<JsonNode?> sent = body is JsonArray array ? array : [body];
            var events = sent.Select(Complete).ToList();
            if (feed.Append(events) is not { } wrong)
            {
                context.Response.StatusCode = StatusCodes.Status202Accepted;
                return;
            }

            await TypedResults.Problem(wrong, statusCode: StatusCodes.Status409Conflict).ExecuteAsync(context);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            await TypedResults.Problem(e.Message, statusCode: StatusCodes.Status400BadRequest).ExecuteAsync(context);
        }
    }

    // Only the end of a feed is worth an ETag: what follows an event is asked for once.
    private static async Task RespondAsync(HttpContext context, IReadOnlyList<ReadOnlyMemory<byte>> events, string etag)
    {
        if (events.Count == 0)
        {
            context.Response.Headers.ETag = etag;
            if (context.Request.Headers.IfNoneMatch == etag)
            {
                context.Response.StatusCode = StatusCodes.Status304NotModified;
                return;
            }
        }

        context.Response.ContentType = Batch;
        await using var json = new Utf8JsonWriter(context.Response.BodyWriter);
        json.WriteStartArray();
        foreach (var one in events)
        {
            json.WriteRawValue(one.Span, skipInputValidation: true);
        }

        json.WriteEndArray();
    }

    private (string Id, ReadOnlyMemory<byte> Json) Complete(JsonNode? node)
    {
        if (node is not JsonObject one || one["id"] is not JsonValue value || !value.TryGetValue<string>(out var id) || id.Length == 0)
        {
            throw new FormatException("An event must be a JSON object with an id.");
        }

        one["specversion"] ??= "1.0";
        one["source"] ??= SampleProducers.FeedSource;
        one["time"] ??= time.GetUtcNow().UtcDateTime.ToString("O", CultureInfo.InvariantCulture);
        return (id, JsonSerializer.SerializeToUtf8Bytes(one));
    }
}
