using System.Buffers;
using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>UTF-8 that grows in pooled memory, with the strings of RFC 8785 and the one change of order that it asks for.</summary>
internal sealed class CanonicalBuffer(int capacity) : IDisposable
{
    private readonly PooledBuffer _buffer = new(capacity);

    public int Length => _buffer.Length;

    public ReadOnlySpan<byte> Written => _buffer.Written;

    public void Append(byte value) => Take(1)[0] = value;

    public void Append(ReadOnlySpan<byte> values) => values.CopyTo(Take(values.Length));

    public void AppendRepeated(byte value, int count) => Take(count).Fill(value);

    /// <summary>Appends a string with its quotes, escaped as RFC 8785 §3.2.2.2 says.</summary>
    /// <param name="text">Whole Unicode characters.</param>
    public void AppendString(string text)
    {
        Append((byte)'"');
        var utf8 = Take(Encoding.UTF8.GetMaxByteCount(text.Length));
        var written = Encoding.UTF8.GetBytes(text, utf8);
        _buffer.Truncate(Length - utf8.Length + written);
        if (NeedsEscape(utf8[..written]))
        {
            var copy = utf8[..written].ToArray();
            _buffer.Truncate(Length - written);
            foreach (var value in copy)
            {
                AppendEscaped(value);
            }
        }

        Append((byte)'"');
    }

    /// <summary>Reorders consecutive parts that are separated by commas.</summary>
    /// <param name="start">Where the first part begins.</param>
    /// <param name="parts">The parts in their new order.</param>
    public void Reorder(int start, IEnumerable<Range> parts)
    {
        var length = Length - start;
        var copy = ArrayPool<byte>.Shared.Rent(length);
        Written[start..].CopyTo(copy);
        _buffer.Truncate(start);
        foreach (var part in parts)
        {
            if (Length > start)
            {
                Append((byte)',');
            }

            Append(copy.AsSpan((part.Start.Value - start)..(part.End.Value - start)));
        }

        ArrayPool<byte>.Shared.Return(copy);
    }

    public void Dispose() => _buffer.Dispose();

    private static bool NeedsEscape(ReadOnlySpan<byte> utf8) =>
        utf8.IndexOfAnyInRange((byte)0, (byte)0x1F) >= 0 || utf8.ContainsAny((byte)'"', (byte)'\\');

    private void AppendEscaped(byte value)
    {
        switch (value)
        {
            case (byte)'"': Append("\\\""u8); break;
            case (byte)'\\': Append("\\\\"u8); break;
            case (byte)'\b': Append("\\b"u8); break;
            case (byte)'\t': Append("\\t"u8); break;
            case (byte)'\n': Append("\\n"u8); break;
            case (byte)'\f': Append("\\f"u8); break;
            case (byte)'\r': Append("\\r"u8); break;
            case < 0x20:
                Append("\\u00"u8);
                Append("0123456789abcdef"u8[value >> 4]);
                Append("0123456789abcdef"u8[value & 0xF]);
                break;
            default: Append(value); break;
        }
    }

    private Span<byte> Take(int count)
    {
        var taken = _buffer.GetSpan(count)[..count];
        _buffer.Advance(count);
        return taken;
    }
}
