using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>An event of the topic, as it may be delivered to webhooks.</summary>
/// <param name="Key">The event that its producer sent.</param>
/// <param name="Run">The event's run.</param>
/// <param name="IsEnriched">Whether this is the enriched event.</param>
/// <param name="Content">What is delivered, as filters see it: with the attributes and the data of the event on the topic.</param>
/// <param name="At">When the event was recorded, or its data fetched.</param>
internal sealed record DispatchedEvent(EventKey Key, int Run, bool IsEnriched, EventNotification Content, DateTimeOffset At)
{
    // As deep as intake and the local Event Grid let in.
    private static readonly JsonReaderOptions Json = new() { MaxDepth = 256 };

    /// <summary>The event that its producer sent, from its record.</summary>
    /// <param name="record">The record.</param>
    public static DispatchedEvent Of(EventRecord record)
    {
        ArgumentNullException.ThrowIfNull(record);
        var published = record.PublishedIn(record.Run);
        return new DispatchedEvent(
            record.Key, record.Run, IsEnriched: false, Seen(published with { Extensions = WithReplay(published.Extensions, record.Run) }), record.RecordedAt);
    }

    /// <summary>The enriched event, from its data.</summary>
    /// <param name="data">The data.</param>
    /// <param name="dataLocation">Where consumers can read the data from this service.</param>
    public static DispatchedEvent Of(FullData data, Uri dataLocation)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(dataLocation);
        var extensions = WithReplay(EventNotification.NoExtensions.Add(ReservedNames.CausationAttribute, Text(data.Key.Id)), data.Run);
        if (data.Previous is { } previous)
        {
            extensions = extensions
                .Add(ReservedNames.PreviousIdAttribute, Text(previous.Id))
                .Add(ReservedNames.PreviousTimeAttribute, Text(UtcMilliseconds.Text(previous.Time)));
            extensions = previous.Changes is { } changes ? extensions.Add(ReservedNames.ChangesAttribute, Text(changes)) : extensions;
        }

        var isWhole = EventEncoder.IsWhole(data);
        return new DispatchedEvent(data.Key, data.Run, IsEnriched: true, Seen(new EventNotification
        {
            Id = EventEncoder.EnrichedId(data.Key.Id, data.Run),
            Source = data.Key.Source,
            Type = data.Type + ReservedNames.EnrichedTypeSuffix,
            Subject = data.Subject,
            Time = UtcMilliseconds.Text(data.FetchedAt),
            DataContentType = data.ContentType,
            DataRef = isWhole ? null : dataLocation.OriginalString,
            TraceParent = data.TraceParent,
            TraceState = data.TraceState,
            Extensions = extensions,
            Data = isWhole ? data.Content : null,
        }), data.FetchedAt);
    }

    /// <summary>Whether it is one of the service's own. A webhook gets it if a filter names its type; <c>events</c> does not matter.</summary>
    public bool IsOwn => Key.Source == ReservedNames.OwnSource && Content.Type.StartsWith(ReservedNames.OwnTypePrefix, StringComparison.Ordinal);

    /// <summary>Whether a webhook wants it.</summary>
    /// <param name="webhook">The webhook.</param>
    public bool IsFor(Webhook webhook)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        return webhook.Enabled
            && (IsOwn ? AsksByType(webhook.Filters) : webhook.Events switch
            {
                WebhookEvents.Both => true,
                WebhookEvents.Thin => !IsEnriched,
                _ => IsEnriched,
            })
            && webhook.Filters.Match(new NotificationFilterView(Content));
    }

    private static bool AsksByType(AdvancedFilters filters) => filters.Filters.Any(filter =>
        filter.Operator is FilterOperator.StringIn or FilterOperator.StringBeginsWith
        && filter.Key.IsAttribute
        && (string.Equals(filter.Key.Attribute, "type", StringComparison.OrdinalIgnoreCase) || filter.Key.Alias == "type"));

    // How its producer wrote a time, and in which of its forms CloudEvents had the data, is not told apart any more once an event
    // has been on the topic: of what is stored, filters see no more than that.
    private static EventNotification Seen(EventNotification content) => content with
    {
        Time = content.Time is { } text && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? TextOf(time) : content.Time,
        Data = content.Data is { Kind: ContentKind.Binary } data && IsJson(data.Bytes) ? data with { Kind = ContentKind.Json } : content.Data,
    };

    private static string TextOf(DateTimeOffset time) => time.Offset == TimeSpan.Zero && time.Ticks % TimeSpan.TicksPerMillisecond == 0
        ? UtcMilliseconds.Text(time)
        : time.ToString(time.Offset == TimeSpan.Zero ? "yyyy-MM-dd'T'HH:mm:ss.FFFFFFF'Z'" : "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture);

    private static bool IsJson(ReadOnlyMemory<byte> data)
    {
        var reader = new Utf8JsonReader(data.Span, Json);
        try
        {
            var any = false;
            while (reader.Read())
            {
                any = true;
            }

            return any;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static ImmutableSortedDictionary<string, ExtensionValue> WithReplay(ImmutableSortedDictionary<string, ExtensionValue> extensions, int run) =>
        run == 0 ? extensions
        : extensions.SetItem(ReservedNames.ReplayAttribute, new ExtensionValue(ExtensionType.Integer, run.ToString(CultureInfo.InvariantCulture)));

    private static ExtensionValue Text(string value) => new(ExtensionType.Text, value);
}
