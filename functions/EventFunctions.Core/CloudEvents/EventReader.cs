using System.Text.Unicode;

namespace EventFunctions.CloudEvents;

/// <summary>How a request holds events.</summary>
public enum ContentMode
{
    /// <summary>CloudEvents' structured mode: one event, <c>application/cloudevents+json</c>.</summary>
    Structured,

    /// <summary>CloudEvents' batched mode: an array, <c>application/cloudevents-batch+json</c>.</summary>
    Batch,

    /// <summary>CloudEvents' binary mode: attributes in <c>ce-</c> headers, the body is the data.</summary>
    Binary,

    /// <summary>Not CloudEvents': one event as <c>application/json</c>, with the same attribute names; <c>specversion</c> may be absent.</summary>
    Plain,
}

/// <summary>The result of reading a request.</summary>
/// <param name="Events">The events; some are missing where there are errors. An empty batch has none and is no error.</param>
/// <param name="Errors">All that is wrong, in the order of the request; empty means that every event is valid.</param>
public sealed record EventReading(IReadOnlyList<EventNotification> Events, IReadOnlyList<EventError> Errors);

/// <summary>
/// Reads events from the bytes of a request, strictly by CloudEvents 1.0.2, its JSON format and its HTTP binding, so that every later
/// reader accepts them. The result does not refer to the bytes.
/// </summary>
public static class EventReader
{
    /// <summary>The most events in a batch.</summary>
    public const int MaxBatch = 500;

    /// <summary>What helps a sender of events in Event Grid's own schema.</summary>
    public const string EventGridSchemaAdvice =
        "This is an event in Event Grid's schema. Set the delivery schema of the subscription to CloudEvents 1.0 "
        + "(az eventgrid event-subscription create --event-delivery-schema cloudeventschemav1_0).";

    /// <summary>Tells the mode from the content type, as the HTTP binding does (§3).</summary>
    /// <param name="contentType">The value of <c>Content-Type</c>; null where there is none.</param>
    /// <param name="hasAttributeHeaders">Whether there is a header that begins with <c>ce-</c>.</param>
    /// <returns>Null where the content type is none that can be read.</returns>
    public static ContentMode? ModeOf(string? contentType, bool hasAttributeHeaders)
    {
        var type = contentType is null ? null : MediaType.TryParse(contentType);
        ContentMode? mode = type?.Name switch
        {
            "application/cloudevents+json" => ContentMode.Structured,
            "application/cloudevents-batch+json" => ContentMode.Batch,
            { } name when name.StartsWith("application/cloudevents", StringComparison.Ordinal) => null,
            _ when hasAttributeHeaders => ContentMode.Binary,
            "application/json" => ContentMode.Plain,
            _ => null,
        };

        // JSON is UTF-8 (RFC 8259 §8.1).
        return mode == ContentMode.Binary || type?.Charset is null or "utf-8" ? mode : null;
    }

    /// <summary>Reads structured, batched and plain events.</summary>
    /// <param name="mode">Any mode but <see cref="ContentMode.Binary"/>.</param>
    /// <param name="body">The whole body.</param>
    public static EventReading ReadJson(ContentMode mode, ReadOnlySpan<byte> body)
    {
        var errors = new ErrorList();
        var path = new JsonPath();
        body = ByteOrderMark.Skip(body);
        if (CheckEncoding(body) is { } error)
        {
            errors.Add(path, error);
            return new EventReading([], errors.ToList());
        }

        return new EventReading(new JsonEventReader(mode, body, path, errors).Read(), errors.ToList());
    }

    /// <summary>Reads a binary event.</summary>
    /// <param name="headers">The headers that begin with <c>ce-</c>: name as sent, value as on the wire.</param>
    /// <param name="contentType">The value of <c>Content-Type</c>, which is the event's <c>datacontenttype</c>; null where there is none.</param>
    /// <param name="body">The event's data; empty is none.</param>
    public static EventReading ReadBinary(
        IEnumerable<KeyValuePair<string, string>> headers, string? contentType, ReadOnlySpan<byte> body)
    {
        var errors = new ErrorList();
        var notification = BinaryEventReader.Read(headers, contentType, body, new JsonPath(), errors);
        return new EventReading(notification is null ? [] : [notification], errors.ToList());
    }

    /// <summary>Returns why the bytes are not JSON text; null if they may be.</summary>
    internal static string? CheckEncoding(ReadOnlySpan<byte> json) =>
        Utf8.IsValid(json) ? null : "Must be UTF-8.";
}
