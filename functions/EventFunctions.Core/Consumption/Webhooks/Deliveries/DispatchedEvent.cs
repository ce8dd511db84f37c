using System.Globalization;
using EventFunctions.Events;
using EventFunctions.Preparation.Filters;
using EventFunctions.Publication;

namespace EventFunctions.Consumption.Webhooks.Deliveries;

/// <summary>An event of the topic, as it may be delivered to webhooks.</summary>
/// <param name="Key">The event that its producer sent.</param>
/// <param name="Run">The event's run.</param>
/// <param name="IsEnriched">Whether this is the enriched event.</param>
/// <param name="Content">What is delivered, as filters see it: with the attributes, and the data, of the event on the topic.</param>
public sealed record DispatchedEvent(EventKey Key, int Run, bool IsEnriched, EventNotification Content)
{
    /// <summary>Finds out what an event of the topic is.</summary>
    /// <param name="content">The event as it came.</param>
    /// <returns>Null where it is none for customers: the service's own, or one that nobody can have published.</returns>
    public static DispatchedEvent? Of(EventNotification content)
    {
        ArgumentNullException.ThrowIfNull(content);
        if (content.Type.StartsWith(EventEncoder.OwnTypePrefix, StringComparison.Ordinal))
        {
            return null;
        }

        if (!content.Type.EndsWith(EventEncoder.EnrichedTypeSuffix, StringComparison.Ordinal))
        {
            var run = content.Extensions.TryGetValue(EventEncoder.ReplayAttribute, out var replay)
                && int.TryParse(replay.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                ? number
                : 0;
            return new DispatchedEvent(content.Key, run, IsEnriched: false, content);
        }

        return EventEncoder.TryReadEnrichedId(content.Id, out var id, out var of)
            ? new DispatchedEvent(new EventKey(content.Source, id), of, IsEnriched: true, content)
            : null;
    }

    /// <summary>The event that its producer sent, from its record.</summary>
    /// <param name="record">The record.</param>
    public static DispatchedEvent Of(EventRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        return new DispatchedEvent(record.Key, record.Run, IsEnriched: false, record.Event);
    }

    /// <summary>The enriched event, from its data.</summary>
    /// <param name="data">The data.</param>
    public static DispatchedEvent Of(FullData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var extensions = EventNotification.NoExtensions.Add(EventEncoder.CausationAttribute, new ExtensionValue(ExtensionType.Text, data.Key.Id));
        if (data.Run > 0)
        {
            extensions = extensions.Add(
                EventEncoder.ReplayAttribute, new ExtensionValue(ExtensionType.Integer, data.Run.ToString(CultureInfo.InvariantCulture)));
        }

        if (data.Previous is { } previous)
        {
            extensions = extensions.Add(EventEncoder.PreviousIdAttribute, new ExtensionValue(ExtensionType.Text, previous.Id));
        }

        return new DispatchedEvent(data.Key, data.Run, IsEnriched: true, new EventNotification
        {
            Id = EventEncoder.EnrichedId(data.Key.Id, data.Run),
            Source = data.Key.Source,
            Type = data.Type + EventEncoder.EnrichedTypeSuffix,
            Subject = data.Subject,
            Time = UtcMilliseconds.Text(data.FetchedAt),
            DataContentType = data.ContentType,
            TraceParent = data.TraceParent,
            TraceState = data.TraceState,
            Extensions = extensions,
            Data = data.Content,
        });
    }

    /// <summary>Whether a webhook wants it.</summary>
    /// <param name="webhook">The webhook.</param>
    public bool IsFor(Webhook webhook)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        return webhook.Enabled
            && webhook.Events switch
            {
                WebhookEvents.Both => true,
                WebhookEvents.Thin => !IsEnriched,
                _ => IsEnriched,
            }
            && webhook.Filters.Match(new NotificationFilterView(Content));
    }
}
