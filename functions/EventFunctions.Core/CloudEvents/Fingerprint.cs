using System.Buffers.Text;
using System.Security.Cryptography;

namespace EventFunctions.CloudEvents;

/// <summary>
/// Distinguishes a repeat from a conflict by SHA-256 over the event's content. All forms of an event (structured, batched, binary, plain,
/// compressed, in any order and spelling of its JSON) have the same fingerprint. <c>specversion</c>, <c>traceparent</c> and
/// <c>tracestate</c> are not part of it, because traces differ with each attempt.
/// </summary>
/// <remarks>
/// Hashed is one canonical JSON text (<see cref="CanonicalJson"/>), so that no two different events can look alike: an array of an
/// object with the attributes and data, and an object with the extension attributes as strings. Data that is not JSON is
/// there by its bytes, in <c>data_base64</c>. An absent <c>datacontenttype</c> and <c>application/json</c> are equal as long as no
/// other data says otherwise.
/// </remarks>
public static class Fingerprint
{
    private const string DefaultContentType = "application/json";

    /// <summary>The fingerprint, in 64 characters of lower-case hex.</summary>
    /// <param name="notification">The event as its producer sent it.</param>
    public static string Of(EventNotification notification)
    {
        ArgumentNullException.ThrowIfNull(notification);
        using var buffer = new CanonicalBuffer(512 + (notification.Data?.Bytes.Length * 3 / 2 ?? 0));

        // The names in their canonical order.
        buffer.Append("[{"u8);
        WriteData(notification.Data, buffer);
        Write("\"datacontenttype\":"u8, ContentType(notification), buffer);
        Write("\"dataref\":"u8, notification.DataRef, buffer);
        Write("\"dataschema\":"u8, notification.DataSchema, buffer);
        Write("\"id\":"u8, notification.Id, buffer);
        Write("\"source\":"u8, notification.Source, buffer);
        Write("\"subject\":"u8, notification.Subject, buffer);
        Write("\"time\":"u8, notification.Time, buffer);
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
        return Convert.ToHexStringLower(hash);
    }

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

        var canonical = MediaType.TryParse(sent)?.Canonical ?? sent;
        var isDefault = canonical is DefaultContentType or DefaultContentType + ";charset=utf-8"
            && notification.Data is null or { Kind: ContentKind.Json };
        return isDefault ? null : canonical;
    }

    private static void Separate(CanonicalBuffer buffer)
    {
        if (buffer.Written[^1] != '{')
        {
            buffer.Append((byte)',');
        }
    }
}
