using System.Buffers;
using System.Text.Json;

namespace EventFunctions.CloudEvents;

/// <summary>
/// The canonical form of JSON by RFC 8785: no white space, names ordered by UTF-16 code units, one spelling for each string
/// and number. It differs from the RFC only for numbers with more digits than a double keeps: these keep all of them, so
/// that numbers which differ in one digit never become equal.
/// </summary>
internal static class CanonicalJson
{
    private static readonly JsonReaderOptions Options = new() { MaxDepth = StrictJson.MaxDepth };

    /// <summary>Writes the canonical form of a JSON text.</summary>
    /// <param name="json">One JSON value in UTF-8, nested no deeper than 64, without repeated names.</param>
    /// <param name="output">Takes the canonical form.</param>
    /// <exception cref="JsonException">Not JSON.</exception>
    /// <exception cref="InvalidOperationException">A string holds half of a surrogate pair.</exception>
    public static void Write(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(output);
        using var buffer = new CanonicalBuffer(json.Length);
        Write(json, buffer);
        output.Write(buffer.Written);
    }

    internal static void Write(ReadOnlySpan<byte> json, CanonicalBuffer output)
    {
        var reader = new Utf8JsonReader(json, Options);
        reader.Read();
        WriteValue(ref reader, output);
    }

    private static void WriteValue(ref Utf8JsonReader reader, CanonicalBuffer output)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                WriteObject(ref reader, output);
                break;
            case JsonTokenType.StartArray:
                WriteArray(ref reader, output);
                break;
            case JsonTokenType.Number:
                CanonicalNumber.Write(reader.ValueSpan, output);
                break;
            case JsonTokenType.String when reader.ValueIsEscaped:
                output.AppendString(reader.GetString()!);
                break;
            case JsonTokenType.String:
                output.Append((byte)'"');
                output.Append(reader.ValueSpan);
                output.Append((byte)'"');
                break;
            default:
                output.Append(reader.ValueSpan);
                break;
        }
    }

    private static void WriteArray(ref Utf8JsonReader reader, CanonicalBuffer output)
    {
        output.Append((byte)'[');
        var start = output.Length;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (output.Length > start)
            {
                output.Append((byte)',');
            }

            WriteValue(ref reader, output);
        }

        output.Append((byte)']');
    }

    private static void WriteObject(ref Utf8JsonReader reader, CanonicalBuffer output)
    {
        output.Append((byte)'{');
        var start = output.Length;
        var members = new List<Member>();
        var isOrdered = true;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (members.Count > 0)
            {
                output.Append((byte)',');
            }

            var name = reader.GetString()!;
            isOrdered &= members.Count == 0 || string.CompareOrdinal(members[^1].Name, name) < 0;
            var memberStart = output.Length;
            output.AppendString(name);
            output.Append((byte)':');
            reader.Read();
            WriteValue(ref reader, output);
            members.Add(new Member(name, memberStart..output.Length));
        }

        if (!isOrdered)
        {
            members.Sort((a, b) => string.CompareOrdinal(a.Name, b.Name));
            output.Reorder(start, members.Select(member => member.Written));
        }

        output.Append((byte)'}');
    }

    private readonly record struct Member(string Name, Range Written);
}
