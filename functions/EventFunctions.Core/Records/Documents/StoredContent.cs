using System.Buffers.Binary;
using System.IO.Compression;
using EventFunctions.CloudEvents;

namespace EventFunctions.Records.Documents;

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
/// A payload in a document: always a string, never nested JSON, whose numbers a store may keep as doubles. Large payloads are gzipped, so
/// that an item stays below 2 MB.
/// </summary>
/// <param name="Text">The string.</param>
/// <param name="Kind">What the payload is.</param>
/// <param name="Encoding">How the string holds it.</param>
internal readonly record struct StoredContent(string Text, ContentKind Kind, StoredEncoding Encoding)
{
    /// <summary>The most bytes that are stored as they are.</summary>
    public const int MaxPlainBytes = 256 * 1024;

    // Base64 of at least the four bytes at the end of what is gzipped, which say how long it is unzipped (RFC 1952, ISIZE).
    private const int TrailerCharacters = 8;

    // Deflate shrinks nothing further (RFC 1951: 258 bytes in two bits).
    private const int MaxRatio = 1_032;

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

    /// <summary>How many bytes the payload has, without decoding more than the end of it.</summary>
    /// <exception cref="FormatException">The text is no base64.</exception>
    /// <exception cref="InvalidDataException">The bytes are not gzipped.</exception>
    public long PayloadBytes => Encoding switch
    {
        StoredEncoding.Plain => System.Text.Encoding.UTF8.GetByteCount(Text),
        StoredEncoding.Base64 => Text.Length / 4 * 3L,
        _ => UnzippedLength(Convert.FromBase64String(Text[^Math.Min(Text.Length, TrailerCharacters)..]), Text.Length),
    };

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
        var bytes = new byte[UnzippedLength(zipped, zipped.Length)];
        using var gzip = new GZipStream(new MemoryStream(zipped), CompressionMode.Decompress);
        return gzip.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == bytes.Length && gzip.ReadByte() < 0
            ? bytes
            : throw new InvalidDataException("The payload's length differs from the length in its trailer.");
    }

    private static long UnzippedLength(ReadOnlySpan<byte> end, long zippedLength) =>
        end.Length >= sizeof(uint) && BinaryPrimitives.ReadUInt32LittleEndian(end[^sizeof(uint)..]) is var length && length <= zippedLength * MaxRatio
            ? length
            : throw new InvalidDataException("The payload is not gzip, or is truncated.");
}
