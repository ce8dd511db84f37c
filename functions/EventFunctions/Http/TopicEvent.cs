using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Azure.Messaging;
using EventFunctions.Events;

namespace EventFunctions.Http;

/// <summary>Reads events of the topic as they are delivered, with their data as filters see it.</summary>
internal static class TopicEvent
{
    // As deep as intake and the local Event Grid let in.
    private static readonly JsonReaderOptions Json = new() { MaxDepth = 256 };

    /// <summary>Reads an event.</summary>
    /// <param name="delivered">The event.</param>
    public static EventNotification Read(CloudEvent delivered) => new()
    {
        Id = delivered.Id,
        Source = delivered.Source,
        Type = delivered.Type,
        Subject = delivered.Subject,
        Time = delivered.Time is { } time ? time.ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", CultureInfo.InvariantCulture) : null,
        DataContentType = delivered.DataContentType,
        DataSchema = delivered.DataSchema,
        DataRef = Text(delivered, "dataref"),
        TraceParent = Text(delivered, "traceparent"),
        TraceState = Text(delivered, "tracestate"),
        Extensions = delivered.ExtensionAttributes
            .Where(attribute => attribute.Key is not ("dataref" or "traceparent" or "tracestate"))
            .ToImmutableSortedDictionary(attribute => attribute.Key, attribute => Value(attribute.Value), StringComparer.Ordinal),
        Data = delivered.Data is { } data ? Content(data.ToMemory()) : null,
    };

    // What came as text in base64 is not told apart any more, but is hardly ever JSON; to filters it is then bytes, as it is to Event Grid.
    private static EventContent Content(ReadOnlyMemory<byte> data) => new(IsJson(data) ? ContentKind.Json : ContentKind.Binary, data);

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

    private static ExtensionValue Value(object value) => value switch
    {
        int number => new(ExtensionType.Integer, number.ToString(CultureInfo.InvariantCulture)),
        bool truth => new(ExtensionType.Boolean, truth ? "true" : "false"),
        _ => new(ExtensionType.Text, Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""),
    };

    private static string? Text(CloudEvent delivered, string name) => delivered.ExtensionAttributes.TryGetValue(name, out var value) ? value.ToString() : null;
}
