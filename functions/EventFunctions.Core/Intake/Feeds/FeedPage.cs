using System.Text.Json;
using EventFunctions.CloudEvents;

namespace EventFunctions.Intake.Feeds;

/// <summary>A page of a feed, taken apart into events without looking at whether they are any good.</summary>
/// <param name="Items">Each event as it came.</param>
/// <param name="LastId">The last ID that is there, which is where the next page begins; null where no event has one.</param>
internal sealed record FeedPage(IReadOnlyList<FeedItem> Items, string? LastId)
{
    /// <summary>The longest ID that an event may have and a URL can contain.</summary>
    private const int MaxIdLength = 2_048;

    /// <summary>Takes a page apart.</summary>
    /// <param name="answer">What the feed answered, with a body.</param>
    /// <exception cref="FeedPageException">It is no JSON array.</exception>
    public static FeedPage Read(FeedResponse answer)
    {
        if (answer.ContentType is not { } type || MediaType.TryParse(type) is not { IsJson: true })
        {
            throw new FeedPageException($"The page has the content type \"{answer.ContentType}\"; a feed must return application/cloudevents-batch+json.");
        }

        var body = ByteOrderMark.Skip(answer.Body!.Value);
        var items = new List<FeedItem>();
        string? lastId = null;
        try
        {
            // However deep: each event is read with its own limit, and one that is too deep is refused alone.
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = body.Length + 1 });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            {
                throw new FeedPageException("The page is not a JSON array of events.");
            }

            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                var id = IdOf(ref reader);
                items.Add(new FeedItem(body[start..(int)reader.BytesConsumed], id));
                lastId = id ?? lastId;
            }

            reader.Read();
            return new FeedPage(items, lastId);
        }
        catch (JsonException e)
        {
            throw new FeedPageException("The page is not JSON: " + e.Message, e);
        }
    }

    // Reads over the event, and takes the ID along wherever it is one at all: the feed knows it, even if CloudEvents does not.
    private static string? IdOf(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        string? id = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isId = reader.ValueTextEquals("id"u8);
            reader.Read();
            if (isId && reader.TokenType == JsonTokenType.String && reader.ValueSpan.Length <= MaxIdLength && StrictJson.TryGetString(ref reader, out var text))
            {
                id = text.Length > 0 ? text : null;
            }
            else
            {
                reader.Skip();
            }
        }

        return id;
    }
}

/// <summary>One event of a page.</summary>
/// <param name="Json">Its JSON as it came; possibly none that is an event.</param>
/// <param name="Id">Its ID; null where it has none.</param>
internal sealed record FeedItem(ReadOnlyMemory<byte> Json, string? Id);
