using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>Reads bytes as the text that their content type declares, so that text is the same in every content mode.</summary>
internal static class TextContent
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> LittleEndianMark => [0xFF, 0xFE];

    private static ReadOnlySpan<byte> BigEndianMark => [0xFE, 0xFF];

    /// <summary>Returns text if the type is <c>text/*</c> and the bytes are text in its charset, which must be known; otherwise the bytes.</summary>
    public static EventContent Of(MediaType? type, ReadOnlyMemory<byte> bytes) =>
        type is { IsText: true } && TryDecode(type.Charset, bytes, out var text)
            ? new EventContent(ContentKind.Text, text)
            : new EventContent(ContentKind.Binary, bytes);

    private static bool TryDecode(string? charset, ReadOnlyMemory<byte> bytes, out ReadOnlyMemory<byte> text)
    {
        var isBigEndian = charset == "utf-16be" || (charset == "utf-16" && bytes.Span.StartsWith(BigEndianMark));
        switch (charset)
        {
            case null or "utf-8" or "utf8":
                text = ByteOrderMark.Skip(bytes);
                return System.Text.Unicode.Utf8.IsValid(bytes.Span);
            case "us-ascii" or "ascii":
                text = bytes;
                return Ascii.IsValid(bytes.Span);
            case "iso-8859-1" or "latin1":
                text = Utf8.GetBytes(Encoding.Latin1.GetString(bytes.Span));
                return true;
            case "utf-16" when isBigEndian || bytes.Span.StartsWith(LittleEndianMark):
                return TryDecodeUtf16(bytes.Span[2..], isBigEndian, out text);
            case "utf-16le" or "utf-16be":
                return TryDecodeUtf16(bytes.Span, isBigEndian, out text);
            default:
                // Among them UTF-16 without a mark, which senders write in either order.
                text = default;
                return false;
        }
    }

    private static bool TryDecodeUtf16(ReadOnlySpan<byte> utf16, bool isBigEndian, out ReadOnlyMemory<byte> text)
    {
        try
        {
            text = Utf8.GetBytes(new UnicodeEncoding(isBigEndian, byteOrderMark: false, throwOnInvalidBytes: true).GetString(utf16));
            return true;
        }
        catch (DecoderFallbackException)
        {
            text = default;
            return false;
        }
    }
}
