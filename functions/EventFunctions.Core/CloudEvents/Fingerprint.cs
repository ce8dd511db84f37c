using System.Buffers.Text;
using System.Security.Cryptography;

namespace EventFunctions.CloudEvents;

/// <summary>
/// Distinguishes a repeat from a conflict by SHA-256 over what the event means. All forms of an event (structured, batched, binary, plain,
/// compressed, in any order and spelling of its JSON, its time, its references and its content type) have the same fingerprint.
/// <c>specversion</c>, <c>traceparent</c> and <c>tracestate</c> are not part of it, because traces differ with each attempt.
/// </summary>
/// <remarks>
/// Hashed is one canonical JSON text (<see cref="CanonicalJson"/>), so that no two different events can look alike: an array of an
/// object with the attributes and data, and an object with the extension attributes as strings. Data that is not JSON is
/// there by its bytes, in <c>data_base64</c>; text by those of its UTF-8. An absent <c>datacontenttype</c> and <c>application/json</c> are equal as
/// long as no other data says otherwise. The charset counts only for bytes that could not be read in it.
/// </remarks>
internal static class Fingerprint
{
    private const string DefaultContentType = "application/json";

    // Raise it with every change of what is hashed: a fingerprint of another version is not compared, but computed again from the record.
    private const string Version = "1:";

    /// <summary>The fingerprint: its version, a colon, and 64 characters of lower-case hex.</summary>
    /// <param name="notification">The event as its producer sent it.</param>
    public static string Of(EventNotification notification)
    {
        ArgumentNullException.ThrowIfNull(notification);
        using var buffer = new CanonicalBuffer(512 + (notification.Data?.Bytes.Length * 3 / 2 ?? 0));

        // The names in their canonical order.
        buffer.Append("[{"u8);
        WriteData(notification.Data, buffer);
        Write("\"datacontenttype\":"u8, ContentType(notification), buffer);
        Write("\"dataref\":"u8, Canonical(notification.DataRef), buffer);
        Write("\"dataschema\":"u8, Canonical(notification.DataSchema), buffer);
        Write("\"id\":"u8, notification.Id, buffer);
        Write("\"source\":"u8, notification.Source, buffer);
        Write("\"subject\":"u8, notification.Subject, buffer);
        Write("\"time\":"u8, EventTime.TryParse(notification.Time)?.Canonical ?? notification.Time, buffer);
        Write("\"type\":"u8, notification.Type, buffer);
        buffer.Append("},{"u8);
        foreach (var (name, value) in notification.Extensions)
        {
            Separate(buffer);
            buffer.AppendString(name);
            buffer.Append((byte)':');
            buffer.AppendString(value.Value);
        }

        buffer.Append("}]"u8);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(buffer.Written, hash);
        return Version + Convert.ToHexStringLower(hash);
    }

    /// <summary>Returns whether a fingerprint can be compared with one computed now.</summary>
    /// <param name="fingerprint">The fingerprint of a record.</param>
    internal static bool IsCurrent(string fingerprint) => fingerprint.StartsWith(Version, StringComparison.Ordinal);

    private static string? Canonical(string? reference) => reference is null ? null : UriSpelling.Canonical(reference);

    private static void Write(ReadOnlySpan<byte> name, string? value, CanonicalBuffer buffer)
    {
        if (value is not null)
        {
            Separate(buffer);
            buffer.Append(name);
            buffer.AppendString(value);
        }
    }

    private static void WriteData(EventContent? data, CanonicalBuffer buffer)
    {
        if (data is { Kind: ContentKind.Json })
        {
            buffer.Append("\"data\":"u8);
            CanonicalJson.Write(data.Bytes.Span, buffer);
        }
        else if (data is { Bytes.Length: > 0 })
        {
            var base64 = new byte[Base64.GetMaxEncodedToUtf8Length(data.Bytes.Length)];
            Base64.EncodeToUtf8(data.Bytes.Span, base64, out _, out var written);
            buffer.Append("\"data_base64\":\""u8);
            buffer.Append(base64.AsSpan(0, written));
            buffer.Append((byte)'"');
        }
    }

    private static string? ContentType(EventNotification notification)
    {
        if (notification.DataContentType is not { } sent)
        {
            return null;
        }

        if (MediaType.TryParse(sent) is not { } type)
        {
            return sent;
        }

        var withCharset = notification.Data is { Kind: ContentKind.Binary } && type.Charset is not "utf-8";
        var canonical = type.Canonical(withCharset);
        return canonical == DefaultContentType && notification.Data is not { Kind: not ContentKind.Json } ? null : canonical;
    }

    private static void Separate(CanonicalBuffer buffer)
    {
        if (buffer.Written[^1] != '{')
        {
            buffer.Append((byte)',');
        }
    }
}
