using System.Globalization;
using System.Text;

namespace EventFunctions.Http;

/// <summary>
/// Follows one HTTP/1.1 response as its bytes arrive, and rejects one whose length is ambiguous (RFC 9112, section 6.3).
/// <see cref="HttpClient"/> reads such a body to the end of the connection, or to the first length.
/// </summary>
internal sealed class ResponseFraming
{
    // The client limits the size of a head itself.
    private const int MaxHeadBytes = 64 * 1024;

    private readonly StringBuilder _head = new();
    private bool _isBody;

    /// <summary>How many bytes of the body are still to come; null before the head ends, and without a Content-Length.</summary>
    public long? Remaining { get; private set; }

    /// <summary>Takes the next bytes of the response.</summary>
    /// <exception cref="ResponseFramingException">The length is ambiguous, or there are more bytes than it says.</exception>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        while (!_isBody && bytes.Length > 0)
        {
            var end = bytes.IndexOf((byte)'\n') + 1;
            var line = end == 0 ? bytes : bytes[..end];
            bytes = bytes[line.Length..];
            _head.Append(Encoding.Latin1.GetString(line));
            if (_head.Length > MaxHeadBytes)
            {
                _isBody = true;
                return;
            }

            if (end > 0 && line.TrimEnd("\r\n"u8).IsEmpty && EndsHead())
            {
                ReadHead();
            }
        }

        if (_isBody && Remaining is { } remaining)
        {
            Remaining = remaining >= bytes.Length
                ? remaining - bytes.Length
                : throw new ResponseFramingException("The response has more bytes than its Content-Length announces.");
        }
    }

    private bool EndsHead() => EndsWith("\n\n") || EndsWith("\n\r\n");

    // Without a copy: a response may have a blank line after every few bytes.
    private bool EndsWith(string end)
    {
        for (var i = 1; i <= end.Length; i++)
        {
            if (_head.Length < i || _head[^i] != end[^i])
            {
                return false;
            }
        }

        return true;
    }

    private void ReadHead()
    {
        var lines = _head.ToString().Split('\n', StringSplitOptions.TrimEntries);
        _head.Clear();
        var status = lines[0].Split(' ') is [_, { Length: 3 } code, ..] ? code : "";
        if (status.StartsWith('1'))
        {
            return;
        }

        _isBody = true;
        var lengths = ValuesOf(lines, "Content-Length");
        var encodings = ValuesOf(lines, "Transfer-Encoding");
        Remaining = (lengths, encodings) switch
        {
            ([], []) => null,
            ([], [var encoding]) when encoding.Equals("chunked", StringComparison.OrdinalIgnoreCase) => null,
            ([], _) => throw new ResponseFramingException("The response has a Transfer-Encoding other than chunked."),
            (_, [_, ..]) => throw new ResponseFramingException("The response has both a Content-Length and a Transfer-Encoding."),
            ([var length], _) => long.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? count
                : throw new ResponseFramingException("The response has a Content-Length that is not a number of bytes."),
            _ => throw new ResponseFramingException("The response has more than one Content-Length."),
        };
        if (status is "204" or "304")
        {
            Remaining = null;
        }
    }

    private static List<string> ValuesOf(string[] lines, string name) =>
        [.. lines.Skip(1)
            .Where(line => line.StartsWith(name, StringComparison.OrdinalIgnoreCase) && line[name.Length..].TrimStart().StartsWith(':'))
            .SelectMany(line => line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Split(',', StringSplitOptions.TrimEntries))];
}

/// <summary>Thrown when a response does not say in one way how long it is.</summary>
internal sealed class ResponseFramingException(string message) : IOException(message)
{
    /// <summary>Finds it among the causes of an exception; null if absent.</summary>
    public static ResponseFramingException? Find(Exception? error)
    {
        while (error is not null and not ResponseFramingException)
        {
            error = error.InnerException;
        }

        return (ResponseFramingException?)error;
    }
}
