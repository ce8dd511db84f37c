using System.Text;
using System.Text.Json;

namespace EventFunctions.Fuzzing;

/// <summary>Makes inputs from a corpus: changes bytes, tokens and JSON values, joins two inputs, and sometimes repeats a part many times.</summary>
/// <param name="random">The source of all choices.</param>
internal sealed class InputMutator(Random random)
{
    private const int MaxLength = 4_096;
    private const int MaxGrown = 200_000;
    private const int OneInGrown = 4_000;
    private const int MaxValues = 200;

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "null", "true", "false", "{}", "[]", "\"\"", "0", "-0", "-1", "1e400", "1E-400", "-1e9999999999", "0.1", "2147483648",
            "9223372036854775808", "123456789012345678901234567890.12345678901234567890", "1e1000000", "\"\\ud800\"", "\\ud83d\\ude00", "\\u0000", "\\uDC00", "\u0000", "\ufeff", "é", "\u2028", "𝕏",
            "/", "//", "~", "~0", "~1", "/0", "/-", "%", "%2", "%zz", "%C3%A9", "?", "#", "..", "../", "\\", "'", ";", "=", "&", "+", "-", ".", "*", " ", "\t", "\r\n", "\n", "{header:x}", "{/a}", "{body}",
            "(", ")", "|", "(?:", "(?=", "[^", "a{1000}", "{2,}", "\\p{L}", "\\d", "\\b", "^", "$", ".*", "(a*)*",
            "2026-01-31T08:30:00Z", "2026-12-31t23:59:60z", "+14:00", "-00:00", "9999-12-31T23:59:59.9999999Z", "0001-01-01T00:00:00+14:00", "00:00:01", "10675199.02:48:05", "0 */5 * * * *",
            "\"id\":\"1\",", "\"source\":\"/a\",", "\"type\":\"t\",", "\"data\":{},", "\"data_base64\":\"AA==\",", "\"specversion\":\"1.0\",", "\"properties\":{},", "\"$ref\":\"#\",", "\"parameters\":{},",
            "https://a.example/", "http://[::1]:0/", "data:,", "application/json", "charset=utf-8", "AAAA", "====", "whsec_", "sha256=", "v1,", "t=1,",
        }.Select(Encoding.UTF8.GetBytes),
        [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE2, 0x82], [FuzzTarget.Separator],
    ];

    private readonly List<(int Start, int End)> _values = [];

    /// <summary>Makes the next input.</summary>
    public byte[] Mutate(IReadOnlyList<byte[]> corpus)
    {
        var input = corpus[random.Next(corpus.Count)];
        for (var changes = 1 + random.Next(3); changes > 0; changes--)
        {
            input = Change(input, corpus);
        }

        return random.Next(OneInGrown) == 0 ? Grow(input) : input.Length <= MaxLength ? input : input[..MaxLength];
    }

    private byte[] Change(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        var (from, to) = Part(input);
        switch (random.Next(10))
        {
            case 0 when input.Length > 0:
                var flipped = (byte[])input.Clone();
                flipped[random.Next(input.Length)] ^= (byte)(1 << random.Next(8));
                return flipped;
            case 1 when input.Length > 0:
                var replaced = (byte[])input.Clone();
                replaced[random.Next(input.Length)] = (byte)random.Next(256);
                return replaced;
            case 2:
                return Replace(input, from, to, []);
            case 3:
                return Replace(input, to, to, input.AsSpan(from, to - from));
            case 4:
                var other = corpus[random.Next(corpus.Count)];
                var (start, end) = Part(other);
                return Replace(input, from, to, other.AsSpan(start, end - start));
            case 5:
                return Replace(input, from, from, Token());
            case 6:
                return Replace(input, from, to, Token());
            default:
                return ChangeValue(input, corpus);
        }
    }

    // Replaces, repeats or removes a JSON value or a member's name, so that the rest stays JSON.
    private byte[] ChangeValue(byte[] input, IReadOnlyList<byte[]> corpus)
    {
        if (Value(input) is not var (from, to))
        {
            return Replace(input, random.Next(input.Length + 1), null, Token());
        }

        switch (random.Next(6))
        {
            case 0:
                return Replace(input, from, to, Token());
            case 1:
                return Replace(input, from, to, Encoding.UTF8.GetBytes($"\"{Encoding.UTF8.GetString(Token()).Replace("\"", "\\\"", StringComparison.Ordinal)}\""));
            case 2:
                var nested = 1 + random.Next(100);
                return Replace(input, from, to, Encoding.UTF8.GetBytes(new string('[', nested) + new string(']', nested)));
            case 3:
                return Replace(input, to, to, [(byte)',', .. input.AsSpan(from, to - from)]);
            default:
                var other = corpus[random.Next(corpus.Count)];
                return Value(other) is var (start, end) ? Replace(input, from, to, other.AsSpan(start, end - start)) : input;
        }
    }

    private byte[] Grow(byte[] input)
    {
        var (from, to) = Value(input) ?? Part(input);
        if (from == to)
        {
            return input;
        }

        var times = 1 + random.Next(MaxGrown / (to - from + 1));
        var grown = new List<byte>(input.Length + (times * (to - from + 1)));
        grown.AddRange(input.AsSpan(0, from));
        var isList = random.Next(2) == 0;
        for (var i = 0; i < times; i++)
        {
            grown.AddRange(input.AsSpan(from, to - from));
            if (isList)
            {
                grown.Add((byte)',');
            }
        }

        grown.AddRange(input.AsSpan(from));
        return [.. grown];
    }

    private ReadOnlySpan<byte> Token() => Tokens[random.Next(Tokens.Length)];

    private (int From, int To) Part(byte[] input)
    {
        var from = random.Next(input.Length + 1);
        return (from, from + Math.Min(random.Next(1 + random.Next(32)), input.Length - from));
    }

    // A value, or a name, of the JSON that one of the parts of an input begins with.
    private (int From, int To)? Value(byte[] input)
    {
        _values.Clear();
        var begin = Array.IndexOf(input, FuzzTarget.Separator) is >= 0 and var at && random.Next(2) == 0 ? at + 1 : 0;
        var reader = new Utf8JsonReader(input.AsSpan(begin), new JsonReaderOptions { MaxDepth = 256 });
        try
        {
            while (_values.Count < MaxValues && reader.Read())
            {
                var start = begin + (int)reader.TokenStartIndex;
                if (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray)
                {
                    var copy = reader;
                    copy.Skip();
                    _values.Add((start, begin + (int)copy.BytesConsumed));
                }
                else if (reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray))
                {
                    var length = reader.ValueSpan.Length + (reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? 2 : 0);
                    _values.Add((start, start + length));
                }
            }
        }
        catch (JsonException)
        {
            // As far as it is JSON.
        }

        return _values.Count == 0 ? null : _values[random.Next(_values.Count)];
    }

    private static byte[] Replace(ReadOnlySpan<byte> input, int from, int? to, ReadOnlySpan<byte> by) => [.. input[..from], .. by, .. input[(to ?? from)..]];
}
