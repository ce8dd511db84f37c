using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;

namespace EventFunctions.Intake.Refusals;

/// <summary>One of several events that arrived together, each of which stands alone.</summary>
/// <param name="Json">Its JSON as it came; possibly not an event.</param>
/// <param name="Id">Its ID; null if it has none.</param>
/// <param name="Source">Its source; null if it has none.</param>
internal sealed record ReceivedItem(ReadOnlyMemory<byte> Json, string? Id, string? Source)
{
    /// <summary>The longest ID that an event may have and a URL can contain.</summary>
    private const int MaxTextLength = 2_048;

    /// <summary>Takes an array of events apart.</summary>
    /// <param name="body">The array.</param>
    /// <param name="numericIds">Whether an ID may be a number.</param>
    /// <returns>Null if the JSON is not an array.</returns>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static List<ReceivedItem>? Split(ReadOnlyMemory<byte> body, bool numericIds = false)
    {
        // However deep: each event is read with its own limit, and one that is too deep is refused alone.
        body = ByteOrderMark.Skip(body);
        var reader = ReaderOf(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
        {
            while (reader.Read())
            {
                // What is not JSON is not merely no array.
            }

            return null;
        }

        var items = new List<ReceivedItem>();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            items.Add(Read(ref reader, body, numericIds));
        }

        reader.Read();
        return items;
    }

    /// <summary>Reads one event.</summary>
    /// <param name="body">The event.</param>
    /// <exception cref="JsonException">Not JSON.</exception>
    public static ReceivedItem Of(ReadOnlyMemory<byte> body)
    {
        body = ByteOrderMark.Skip(body);
        var reader = ReaderOf(body);
        reader.Read();
        var item = Read(ref reader, body);
        reader.Read();
        return item;
    }

    private static Utf8JsonReader ReaderOf(ReadOnlyMemory<byte> body) => new(body.Span, new JsonReaderOptions { MaxDepth = body.Length + 1 });

    // Reads over the event, and takes ID and source along even if they are not valid in a CloudEvent.
    private static ReceivedItem Read(ref Utf8JsonReader reader, ReadOnlyMemory<byte> body, bool numericIds = false)
    {
        var start = (int)reader.TokenStartIndex;
        Range? number = null;
        string? id = null;
        string? source = null;
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
        }
        else
        {
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isId = JsonTokenText.Matches(ref reader, "id"u8);
                var isSource = JsonTokenText.Matches(ref reader, "source"u8);
                reader.Read();
                if ((isId || isSource) && TextOf(ref reader) is { } text)
                {
                    (id, source) = isId ? (text, source) : (id, text);
                }
                else if (isId && numericIds && reader.TokenType == JsonTokenType.Number)
                {
                    number = (int)reader.TokenStartIndex..(int)reader.BytesConsumed;
                    id = Encoding.UTF8.GetString(reader.ValueSpan);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        var end = (int)reader.BytesConsumed;
        return new ReceivedItem(
            number is { } digits ? (byte[])[.. body.Span[start..digits.Start.Value], (byte)'"', .. body.Span[digits], (byte)'"', .. body.Span[digits.End.Value..end]] : body[start..end],
            id,
            source);
    }

    private static string? TextOf(ref Utf8JsonReader reader) =>
        reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= MaxTextLength && StrictJson.TryGetString(ref reader, out var text) && text.Length > 0
            ? text
            : null;
}
