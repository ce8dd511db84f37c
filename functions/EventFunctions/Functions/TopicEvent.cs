using System.Collections.Immutable;
using System.Globalization;
using Azure.Messaging;
using EventFunctions.CloudEvents;

namespace EventFunctions.Functions;

/// <summary>Reads delivered events of the topic. Their data is read as bytes in every form of CloudEvents.</summary>
internal static class TopicEvent
{
    /// <summary>Reads an event.</summary>
    /// <param name="delivered">The event.</param>
    public static EventNotification Read(CloudEvent delivered)
    {
        var key = ExactKey.Read(Text(delivered, ReservedNames.KeyAttribute)) ?? new EventKey(delivered.Source, delivered.Id);
        return Read(delivered, key);
    }

    private static EventNotification Read(CloudEvent delivered, EventKey key) => new()
    {
        Id = key.Id,
        Source = key.Source,
        Type = delivered.Type,
        Subject = delivered.Subject,

        // An event that came without one has the time at which the SDK read it.
        Time = delivered.Time is { } time ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture) : null,
        DataContentType = delivered.DataContentType,
        DataSchema = delivered.DataSchema,
        DataRef = Text(delivered, "dataref"),
        TraceParent = Text(delivered, "traceparent"),
        TraceState = Text(delivered, "tracestate"),
        Extensions = delivered.ExtensionAttributes
            .Where(attribute => attribute.Key is not ("dataref" or "traceparent" or "tracestate" or ReservedNames.KeyAttribute))
            .ToImmutableSortedDictionary(attribute => attribute.Key, attribute => Value(attribute.Value), StringComparer.Ordinal),
        Data = delivered.Data is { } data ? new EventContent(ContentKind.Binary, data.ToMemory()) : null,
    };

    private static ExtensionValue Value(object value) => value switch
    {
        int number => new(ExtensionType.Integer, number.ToString(CultureInfo.InvariantCulture)),
        bool truth => new(ExtensionType.Boolean, truth ? "true" : "false"),
        _ => new(ExtensionType.Text, Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    private static string? Text(CloudEvent delivered, string name) => delivered.ExtensionAttributes.TryGetValue(name, out var value) ? value.ToString() : null;
}
