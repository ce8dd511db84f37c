using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Feeds;

/// <summary>A page of a feed, taken apart into events without looking at whether they are any good.</summary>
/// <param name="Items">Each event as it came.</param>
/// <param name="LastId">The last ID that is there, which is where the next page begins; null where no event has one.</param>
internal sealed record FeedPage(IReadOnlyList<ReceivedItem> Items, string? LastId)
{
    /// <summary>Takes a page apart.</summary>
    /// <param name="answer">What the feed answered, with a body.</param>
    /// <param name="feed">How the feed writes its pages.</param>
    /// <exception cref="FeedPageException">It is no JSON array.</exception>
    public static FeedPage Read(FeedResponse answer, ProducerFeed feed)
    {
        if (answer.ContentType is not { } type || MediaType.TryParse(type) is not { IsJson: true })
        {
            throw new FeedPageException($"The page has the content type \"{answer.ContentType}\"; a feed must return application/cloudevents-batch+json.");
        }

        try
        {
            var events = feed.Items is { } member ? Find(answer.Body!.Value, member) : answer.Body!.Value;
            var items = ReceivedItem.Split(events, feed.NumericIds) ?? throw new FeedPageException("The page is not a JSON array of events.");
            return new FeedPage(items, items.FindLast(item => item.Id is not null)?.Id);
        }
        catch (JsonException e)
        {
            throw new FeedPageException("The page cannot be read. " + JsonFault.Explain(e), e);
        }
    }

    /// <summary>Returns the page without the event that was asked for and comes first.</summary>
    /// <param name="lastEventId">The event; null if the feed was asked from its beginning.</param>
    public FeedPage Behind(string? lastEventId) =>
        lastEventId is not null && Items is [{ Id: { } first }, ..] && first == lastEventId ? this with { Items = [.. Items.Skip(1)] } : this;

    private static ReadOnlyMemory<byte> Find(ReadOnlyMemory<byte> page, string member)
    {
        page = ByteOrderMark.Skip(page);
        var reader = new Utf8JsonReader(page.Span, new JsonReaderOptions { MaxDepth = page.Length + 1 });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw new FeedPageException("The page is not a JSON object.");
        }

        var name = Encoding.UTF8.GetBytes(member);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isFound = JsonTokenText.Matches(ref reader, name);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isFound)
            {
                return page[start..(int)reader.BytesConsumed];
            }
        }

        throw new FeedPageException($"The page has no member \"{member}\" with the events.");
    }
}
