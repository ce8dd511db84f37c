using System.Text;
using EventFunctions.Intake.Feeds;
using EventFunctions.Producers;

namespace EventFunctions.Tests.Intake;

public sealed class FeedPageTests
{
    [Theory]
    [InlineData("{}")]
    [InlineData("""{"data":[]}""")]
    [InlineData("""{"data":{"events":[]}}""")]
    [InlineData("{\"data\":[]}\n{\"events\":[]}")]
    public void A_page_without_the_member_for_events_is_refused(string page) => Assert.Equal(
        "The page has no member \"events\" with the events.",
        Assert.Throws<FeedPageException>(() => Read(page)).Message);

    [Theory]
    [InlineData("""{"events":[{"id":"1"},{"id":""}]}""", "1")]
    [InlineData("""{"events":[{"id":"1"},{"id":null},{}]}""", "1")]
    [InlineData("""{"events":[{"id":""}]}""", null)]
    public void The_next_page_begins_behind_the_last_event_with_an_ID(string page, string? lastId) => Assert.Equal(lastId, Read(page).LastId);

    private static FeedPage Read(string page) => FeedPage.Read(
        new FeedResponse(Encoding.UTF8.GetBytes(page), "application/json", null),
        new ProducerFeed { Url = new Uri("https://news.example.com/feed"), Schedule = "", Items = "events" });
}
