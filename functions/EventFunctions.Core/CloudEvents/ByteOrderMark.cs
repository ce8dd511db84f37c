namespace EventFunctions.CloudEvents;

/// <summary>Skips the byte order mark that some senders put before JSON, as RFC 8259 §8.1 lets a reader do.</summary>
public static class ByteOrderMark
{
    /// <summary>Returns the bytes without the mark.</summary>
    /// <param name="utf8">Anything.</param>
    public static ReadOnlySpan<byte> Skip(ReadOnlySpan<byte> utf8) => utf8.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;

    /// <summary>Returns the bytes without the mark.</summary>
    /// <param name="utf8">Anything.</param>
    public static ReadOnlyMemory<byte> Skip(ReadOnlyMemory<byte> utf8) => utf8.Span.StartsWith("\uFEFF"u8) ? utf8[3..] : utf8;
}
