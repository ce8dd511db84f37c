using System.Diagnostics;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Runtime;

namespace EventFunctions.Telemetry;

/// <summary>
/// Creates spans on the source <see cref="SourceName"/>, with OpenTelemetry's names and attributes for messaging and CloudEvents. Without a
/// listener each method returns null and allocates nothing.
/// </summary>
internal static class EventTracing
{
    /// <summary>The name of the <see cref="ActivitySource"/>.</summary>
    public const string SourceName = "EventFunctions";

    // What messages are sent by. A webhook's endpoint is none of the systems that the conventions have a name for.
    private const string EventGrid = "eventgrid";
    private const string Webhook = "webhook";

    private static readonly ActivitySource Source = new(SourceName);

    /// <summary>Whether there is a listener.</summary>
    internal static bool IsOn => Source.HasListeners();

    /// <summary>
    /// Intake takes an event in. The span is what the published event continues; where the producer sent a trace of its own
    /// (CloudEvents' Distributed Tracing extension), the span continues that and is linked to the request.
    /// </summary>
    /// <param name="notification">The event.</param>
    /// <param name="topic">The topic that it is accepted for.</param>
    internal static Activity? Accept(EventNotification notification, string topic)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var key = notification.Key;
        return ActivityContext.TryParse(notification.TraceParent, notification.TraceState, isRemote: true, out var producer)
            ? Start("accept", "process", ActivityKind.Consumer, producer, Links(Activity.Current?.Context), Tags(key, notification.Type, notification.Subject), destination: null)
            : Start("accept", "create", ActivityKind.Producer, default, null, Tags(key, notification.Type, notification.Subject), topic);
    }

    /// <summary>One event is published, under the span that is current.</summary>
    internal static Activity? Publish(EventKey key, string type, string? subject, string topic) =>
        Source.HasListeners() ? Start("publish", "send", ActivityKind.Producer, default, null, Tags(key, type, subject), topic) : null;

    /// <summary>The relay publishes a record: in the run's own trace, and linked to the run before.</summary>
    internal static Activity? Relay(EventRecord record, string topic)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var published = record.PublishedIn(record.Run);
        return Start(
            "relay",
            "send",
            ActivityKind.Producer,
            Parse(published.TraceParent, published.TraceState) ?? default,
            record.Run == 0 ? null : Links(Parse(record.TraceParentOf(record.Run - 1), null)),
            Tags(record.Key, published.Type, published.Subject, record.Run),
            topic);
    }

    /// <summary>One request with some events goes to the topic: under the only event's span, or linked to each one's.</summary>
    internal static Activity? Send(IReadOnlyList<Activity?> events, string topic)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var links = events.OfType<Activity>().Select(span => new ActivityLink(span.Context)).ToList();
        return Start(
            "send",
            "send",
            ActivityKind.Client,
            events.Count == 1 ? events[0]?.Context ?? default : default,
            events.Count == 1 ? null : links,
            [new("messaging.batch.message_count", events.Count)],
            topic);
    }

    /// <summary>A delivered event is enriched: in the event's trace, and linked to the request that delivers it.</summary>
    internal static Activity? Enrich(EventKey key, string type, string? subject, int run, string? traceParent, string? traceState, string topic)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        var published = Parse(traceParent, traceState);
        var tags = Tags(key, type, subject, run);
        tags.Add(new("messaging.destination.subscription.name", "enrichment"));
        return Start("enrich", "process", ActivityKind.Consumer, published ?? default, published is null ? null : Links(Activity.Current?.Context), tags, topic);
    }

    /// <summary>Starts the span of fetching the full data, including retries and redirects.</summary>
    internal static Activity? Fetch(string producer) =>
        Source.StartActivity("fetch", ActivityKind.Internal) is { } span ? span.SetTag("eventfunctions.producer", producer) : null;

    /// <summary>An event is delivered to a customer's webhook: in the event's trace, for the customer to continue.</summary>
    /// <param name="key">The event, or the enriched event.</param>
    /// <param name="type">Its type.</param>
    /// <param name="subject">Its subject.</param>
    /// <param name="traceParent">The W3C <c>traceparent</c> that it carries.</param>
    /// <param name="webhook">The webhook's name.</param>
    internal static Activity? Deliver(EventKey key, string type, string? subject, string? traceParent, string webhook) => Source.HasListeners()
        ? Start("deliver", "send", ActivityKind.Client, Parse(traceParent, null) ?? default, null, Tags(key, type, subject), webhook, Webhook)
        : null;

    /// <summary>
    /// A replay begins: a trace of its own, linked to the request that asks for it. Unlike the others it always is one, so
    /// that the run does not continue the trace of the run before; only its span needs a listener.
    /// </summary>
    /// <param name="key">The event.</param>
    /// <param name="run">The new run.</param>
    /// <param name="traceParent">What the run is to continue, as W3C <c>traceparent</c>.</param>
    internal static Activity? Replay(EventKey key, int run, out string traceParent)
    {
        var asking = Activity.Current;
        Activity? span = null;
        if (Source.HasListeners())
        {
            Activity.Current = null;
            var tags = Tags(key, null, null, run);
            span = Start("replay", "create", ActivityKind.Producer, default, Links(asking?.Context), tags, destination: null);
            Activity.Current = span ?? asking;
        }

        traceParent = span?.Id ?? $"00-{RandomProvider.Current.NewId()}-{RandomProvider.Current.NewId()[..16]}-00";
        return span;
    }

    /// <summary>Marks a span as failed.</summary>
    /// <param name="span">The span; null while nobody listens.</param>
    /// <param name="errorType">A short name that groups alike.</param>
    internal static void Fail(Activity? span, string errorType) => span?.SetTag("error.type", errorType).SetStatus(ActivityStatusCode.Error);

    private static Activity? Start(
        string operation,
        string type,
        ActivityKind kind,
        ActivityContext parent,
        IEnumerable<ActivityLink>? links,
        List<KeyValuePair<string, object?>> tags,
        string? destination,
        string system = EventGrid)
    {
        tags.Add(new("messaging.system", system));
        if (destination is not null)
        {
            tags.Add(new("messaging.destination.name", destination));
        }

        tags.Add(new("messaging.operation.name", operation));
        tags.Add(new("messaging.operation.type", type));
        return Source.StartActivity(operation, kind, parent, tags, links);
    }

    private static List<KeyValuePair<string, object?>> Tags(EventKey key, string? type, string? subject, int run = 0)
    {
        var tags = new List<KeyValuePair<string, object?>>(13)
        {
            new("cloudevents.event_id", key.Id),
            new("cloudevents.event_source", key.Source),
            new("cloudevents.event_spec_version", "1.0"),
            new("messaging.message.id", key.Id),
        };
        if (type is not null)
        {
            tags.Add(new("cloudevents.event_type", type));
        }

        if (subject is not null)
        {
            tags.Add(new("cloudevents.event_subject", subject));
        }

        if (run > 0)
        {
            tags.Add(new("eventfunctions.run", run));
        }

        return tags;
    }

    private static ActivityLink[]? Links(ActivityContext? to) => to is { } context ? [new ActivityLink(context)] : null;

    private static ActivityContext? Parse(string? traceParent, string? traceState) =>
        ActivityContext.TryParse(traceParent, traceState, isRemote: true, out var context) ? context : null;
}
