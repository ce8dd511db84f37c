using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Intake.Refusals;

namespace EventFunctions.Intake.Feeds;

/// <summary>A page of a feed, taken apart into events without looking at whether they are any good.</summary>
/// <param name="Items">Each event as it came.</param>
/// <param name="LastId">The last ID that is there, which is where the next page begins; null where no event has one.</param>
internal sealed record FeedPage(IReadOnlyList<ReceivedItem> Items, string? LastId)
{
    /// <summary>Takes a page apart.</summary>
    /// <param name="answer">What the feed answered, with a body.</param>
    /// <exception cref="FeedPageException">It is no JSON array.</exception>
    public static FeedPage Read(FeedResponse answer)
    {
        if (answer.ContentType is not { } type || MediaType.TryParse(type) is not { IsJson: true })
        {
            throw new FeedPageException($"The page has the content type \"{answer.ContentType}\"; a feed must return application/cloudevents-batch+json.");
        }

        try
        {
            var items = ReceivedItem.Split(answer.Body!.Value) ?? throw new FeedPageException("The page is not a JSON array of events.");
            return new FeedPage(items, items.FindLast(item => item.Id is not null)?.Id);
        }
        catch (JsonException e)
        {
            throw new FeedPageException("The page is not JSON: " + e.Message, e);
        }
    }
}
