using System.IO.Compression;

namespace EventFunctions.Events.Documents;

/// <summary>How a payload is written into the one JSON string that holds it.</summary>
public enum StoredEncoding
{
    /// <summary>As the text it is.</summary>
    Plain,

    /// <summary>Its bytes in base64.</summary>
    Base64,

    /// <summary>Its bytes gzipped (RFC 1952), in base64.</summary>
    Gzip,
}

/// <summary>
/// A payload as documents hold it: always a string, never nested JSON, whose numbers a store may keep as doubles. What
/// is large is gzipped, so that an item stays below 2 MB.
/// </summary>
/// <param name="Text">The string.</param>
/// <param name="Kind">What the payload is.</param>
/// <param name="Encoding">How the string holds it.</param>
public readonly record struct StoredContent(string Text, ContentKind Kind, StoredEncoding Encoding)
{
    /// <summary>The most bytes that are stored as they are.</summary>
    public const int MaxPlainBytes = 256 * 1024;

    /// <summary>Encodes a payload.</summary>
    /// <param name="content">The payload.</param>
    public static StoredContent From(EventContent content)
    {
        var bytes = content.Bytes.Span;
        if (bytes.Length <= MaxPlainBytes)
        {
            return content.Kind == ContentKind.Binary
                ? new(Convert.ToBase64String(bytes), content.Kind, StoredEncoding.Base64)
                : new(System.Text.Encoding.UTF8.GetString(bytes), content.Kind, StoredEncoding.Plain);
        }

        // What does not shrink, or even grows, has a bound in base64 that nothing exceeds: four thirds of its bytes.
        var zipped = Zip(bytes);
        return zipped.Length < bytes.Length
            ? new(Convert.ToBase64String(zipped), content.Kind, StoredEncoding.Gzip)
            : new(Convert.ToBase64String(bytes), content.Kind, StoredEncoding.Base64);
    }

    /// <summary>Decodes the payload.</summary>
    /// <exception cref="FormatException">The text is no base64.</exception>
    /// <exception cref="InvalidDataException">The bytes are not gzipped.</exception>
    public EventContent ToContent() => new(Kind, Encoding switch
    {
        StoredEncoding.Plain => System.Text.Encoding.UTF8.GetBytes(Text),
        StoredEncoding.Base64 => Convert.FromBase64String(Text),
        _ => Unzip(Convert.FromBase64String(Text)),
    });

    private static ReadOnlySpan<byte> Zip(ReadOnlySpan<byte> bytes)
    {
        var zipped = new MemoryStream(bytes.Length / 2);
        using (var gzip = new GZipStream(zipped, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return zipped.GetBuffer().AsSpan(0, (int)zipped.Length);
    }

    private static ReadOnlyMemory<byte> Unzip(byte[] zipped)
    {
        var bytes = new MemoryStream(zipped.Length * 2);
        using var gzip = new GZipStream(new MemoryStream(zipped), CompressionMode.Decompress);
        gzip.CopyTo(bytes);
        return bytes.GetBuffer().AsMemory(0, (int)bytes.Length);
    }
}
