using System.Buffers;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace EventFunctions.Local.EventGrid;

/// <summary>The publish endpoint of all topics: checks, routes, makes durable, answers <c>200</c>.</summary>
internal sealed class PublishEndpoint(ImmutableArray<Topic> topics, TopicDeliveryStore store, DispatcherSet dispatchers, TimeProvider time)
{
    /// <summary>The most bytes that a request, and so an event, may have: the service's 1 MB.</summary>
    public const int MaxRequestBytes = 1024 * 1024;

    private readonly FrozenDictionary<string, Topic> _topics = topics.ToFrozenDictionary(t => t.Name, StringComparer.OrdinalIgnoreCase);

    /// <summary>Takes in one request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="onRefused">Gets the reason if the publication is refused.</param>
    public async Task HandleAsync(HttpContext context, Action<string>? onRefused)
    {
        var requestId = Guid.NewGuid().ToString();
        context.Response.Headers["x-ms-request-id"] = requestId;
        context.Response.Headers["api-supported-versions"] = "2018-01-01";
        try
        {
            await PublishAsync(context);
        }
        catch (RefusedPublicationException refused)
        {
            onRefused?.Invoke(refused.Message);
            await refused.WriteAsync(context.Response, requestId, time.GetUtcNow());
        }
        catch (EventGridUnavailableException e)
        {
            var refused = new RefusedPublicationException(HttpStatusCode.ServiceUnavailable, "ServiceUnavailable", e.Message);
            await refused.WriteAsync(context.Response, requestId, time.GetUtcNow());
        }
    }

    /// <summary>Publishes events of this process, and completes when they are durable.</summary>
    /// <param name="name">A topic that takes CloudEvents.</param>
    /// <param name="cloudEvents">The events.</param>
    /// <exception cref="RefusedPublicationException">An event is invalid; no event is published.</exception>
    /// <exception cref="EventGridUnavailableException">They could not be made durable.</exception>
    public Task PublishAsync(string name, IReadOnlyList<ReadOnlyMemory<byte>> cloudEvents)
    {
        var topic = _topics[name];
        List<PublishedEvent> matched = [];
        foreach (var cloudEvent in cloudEvents)
        {
            Route(topic, cloudEvent, BodyForm.Single, matched);
        }

        return AppendAsync(matched);
    }

    private async Task PublishAsync(HttpContext context)
    {
        var request = context.Request;
        var name = (string?)request.RouteValues["topic"] ?? "";
        if (!_topics.TryGetValue(name, out var topic))
        {
            throw new RefusedPublicationException(
                HttpStatusCode.NotFound,
                "ResourceNotFound",
                $"No HTTP resource was found that matches the request URI '{request.Scheme}://{request.Host}{request.Path}{request.QueryString}'.");
        }

        topic.Access.Check(request, time);
        var form = FormOf(request, topic.InputSchema);
        var (buffer, length) = await ReadAsync(request, context.RequestAborted);
        List<PublishedEvent> matched = [];
        try
        {
            Route(topic, buffer.AsMemory(0, length), form, matched);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        // Not cancelled with the request: what may be durable is answered for, or delivered unanswered.
        await AppendAsync(matched);
    }

    private async Task AppendAsync(List<PublishedEvent> matched)
    {
        await WriteAsync(matched, taker => !taker.Subscription.IsRepublished);

        // After the others, so that a publication that fails has reached no subscriber.
        await WriteAsync(matched, taker => taker.Subscription.IsRepublished, (taker, published) => !taker.TryHold(published));
    }

    private async Task WriteAsync(List<PublishedEvent> matched, Func<Dispatcher, bool> isFor, Func<Dispatcher, PublishedEvent, bool>? needsDisk = null)
    {
        var written = matched
            .Select(published => published with { Takers = [.. published.Takers.Where(taker => isFor(taker) && needsDisk?.Invoke(taker, published) != false)] })
            .Where(published => !published.Takers.IsEmpty)
            .ToList();
        if (written.Count > 0)
        {
            await store.AppendAsync(written);
            DispatcherSet.Offer(written);
        }
    }

    private static BodyForm FormOf(HttpRequest request, EventSchema schema)
    {
        var mediaType = MediaTypeHeaderValue.TryParse(request.ContentType, out var type) ? type.MediaType.Value?.ToLowerInvariant() : null;
        return (schema, mediaType) switch
        {
            // The service takes the Event Grid schema whatever the type says, and curl says form data.
            (EventSchema.EventGrid, _) => BodyForm.Any,
            (_, "application/cloudevents-batch+json") => BodyForm.Array,
            (_, "application/cloudevents+json" or "application/json") => BodyForm.Single,
            _ => throw new RefusedPublicationException(
                HttpStatusCode.UnsupportedMediaType,
                "InvalidContentType",
                "The Content-Type header is either missing or it doesn't have a valid value. The content type header must either be "
                + "application/cloudevents+json; charset=utf-8 or application/cloudevents-batch+json; charset=UTF-8."),
        };
    }

    private static async ValueTask<(byte[] Buffer, int Length)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > MaxRequestBytes)
        {
            throw RefusedPublicationException.TooLarge();
        }

        // One byte more than is announced or allowed shows the end, or that there is too much.
        var buffer = ArrayPool<byte>.Shared.Rent((int)(request.ContentLength ?? MaxRequestBytes) + 1);
        try
        {
            var length = 0;
            while (await request.Body.ReadAsync(buffer.AsMemory(length), cancellationToken) is > 0 and var read)
            {
                length += read;
                if (length > MaxRequestBytes)
                {
                    throw RefusedPublicationException.TooLarge();
                }
            }

            return (buffer, length);
        }
        catch
        {
            ArrayPool<byte>.Shared.Return(buffer);
            throw;
        }
    }

    private void Route(Topic topic, ReadOnlyMemory<byte> body, BodyForm form, List<PublishedEvent> matched)
    {
        var events = EventParser.Parse(body.Span, topic.InputSchema, form, topic.ResourceId);
        var now = time.GetUtcNow();
        foreach (var candidate in events)
        {
            var bytes = body[candidate.Start..candidate.End];
            ImmutableArray<Dispatcher> takers = dispatchers.Match(topic, candidate, bytes);
            if (!takers.IsEmpty)
            {
                matched.Add(new PublishedEvent(store.NextSequence(), now, Complete(topic, candidate, bytes), takers));
            }
        }
    }

    // In the Event Grid schema the service fills in what publishers leave out. The rest of the bytes stays as it is.
    private static byte[] Complete(Topic topic, in GridEvent candidate, ReadOnlyMemory<byte> bytes)
    {
        if (topic.InputSchema == EventSchema.CloudEvents)
        {
            return bytes.ToArray();
        }

        List<string> replaced = [];
        var missing = new StringBuilder();
        AddMissing(missing, replaced, candidate, EventMembers.Topic, "topic", topic.ResourceId);
        AddMissing(missing, replaced, candidate, EventMembers.DataVersion, "dataVersion", "");
        AddMissing(missing, replaced, candidate, EventMembers.MetadataVersion, "metadataVersion", "1");
        return EventFormat.Append(bytes, replaced, missing.ToString());
    }

    private static void AddMissing(StringBuilder json, List<string> replaced, in GridEvent candidate, EventMembers member, string name, string value)
    {
        if ((candidate.Given & member) == 0)
        {
            json.Append(",\"").Append(name).Append("\":\"").Append(value).Append('"');
            if ((candidate.Unset & member) != 0)
            {
                replaced.Add(name);
            }
        }
    }
}
