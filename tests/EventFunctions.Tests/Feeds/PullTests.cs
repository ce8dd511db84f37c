using EventFunctions.Producers;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.Feeds;

public sealed class PullTests
{
    [Fact]
    public async Task A_new_feed_is_read_from_its_beginning_to_its_end_page_by_page()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1", "2", "3", "4", "5");
        feed.PageSize = 2;

        await feed.TickAsync();

        Assert.Equal(["1", "2", "3", "4", "5"], await feed.RecordedAsync());
        Assert.Equal(
            ["/events", "/events?lastEventId=2", "/events?lastEventId=4", "/events?lastEventId=5"],
            feed.Requests.Select(request => request.Target));
        Assert.StartsWith("application/cloudevents-batch+json", feed.Requests.First().Headers["Accept"], StringComparison.Ordinal);
        Assert.Equal("5", await feed.CursorAsync());
        var recorded = (await feed.ReadAsync("3"))!.Timeline[0];
        Assert.Equal((TimelineStep.Recorded, "feed"), (recorded.What, recorded.Detail));
    }

    [Fact]
    public async Task A_feed_with_an_envelope_numeric_ids_and_the_last_event_again_is_read_by_its_settings()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Producer = feed.Producer with { Feed = feed.Producer.Feed! with { Items = "value", NumericIds = true, IncludesLast = true } };
        feed.Instead = async context =>
        {
            var last = context.Request.Query["lastEventId"].ToString();
            string[] page = last.Length == 0 ? ["12345678901234567890", "2"] : last == "2" ? ["2", "3"] : [];
            if (page.Length == 0)
            {
                context.Response.StatusCode = StatusCodes.Status204NoContent;
                return true;
            }

            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(
                $$"""{"next":{"value":[]},"value":[{{string.Join(',', page.Select(id => FeedScenario.Json(id).Replace($"\"id\":\"{id}\"", $"\"id\": {id} ", StringComparison.Ordinal)))}}]}""");
            return true;
        };

        await feed.TickAsync();

        Assert.Equal(["12345678901234567890", "2", "3"], await feed.RecordedAsync());
        Assert.Equal(["/events", "/events?lastEventId=2", "/events?lastEventId=3"], feed.Requests.Select(request => request.Target));
        Assert.Equal("3", await feed.CursorAsync());
        Assert.Null((await feed.ProgressAsync())!.Error);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"value\":{}}")]
    public async Task A_page_without_the_member_that_the_settings_name_fails(string page)
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Producer = feed.Producer with { Feed = feed.Producer.Feed! with { Items = "value" } };
        feed.Instead = async context =>
        {
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(page);
            return true;
        };

        await feed.TickAsync();

        Assert.StartsWith("The page ", (await feed.ProgressAsync())!.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_is_read_again_when_its_schedule_says_so_and_only_what_is_new()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1");
        await feed.TickAsync();
        feed.Requests.Clear();
        feed.Add("2");

        feed.Time.Advance(TimeSpan.FromMinutes(4));
        await feed.TickAsync();
        Assert.Empty(feed.Requests);

        feed.Time.Advance(TimeSpan.FromMinutes(1));
        await feed.TickAsync();
        Assert.Equal(["1", "2"], await feed.RecordedAsync());
        Assert.Equal(["/events?lastEventId=1", "/events?lastEventId=2"], feed.Requests.Select(request => request.Target));
    }

    [Fact]
    public async Task A_feed_over_its_producers_quota_is_read_more_slowly_and_loses_nothing()
    {
        await using var feed = await FeedScenario.StartAsync("0 */5 * * * *", ("Feeds:TickBudget", "00:00:01"));
        feed.Producer = feed.Producer with { EventsPerMinute = 10 };
        string[] ids = [.. Enumerable.Range(10, 35).Select(i => $"{i}")];
        feed.Add(ids);
        feed.PageSize = 10;
        var pull = feed.Instance();

        await feed.TickAsync(pull);
        await feed.TickAsync(pull);

        Assert.Equal(ids[..10], await feed.RecordedAsync());
        Assert.Equal(FeedScenario.Start.AddSeconds(6), (await feed.ProgressAsync())!.PausedUntil);
        for (var minutes = 1; minutes <= 3; minutes++)
        {
            feed.Time.Advance(TimeSpan.FromMinutes(1));
            await feed.TickAsync(pull);
            Assert.Equal(ids.Take(10 * (minutes + 1)), await feed.RecordedAsync());
        }

        Assert.Empty(await feed.RefusedAsync());
        Assert.Null((await feed.ProgressAsync())!.Error);
    }

    [Fact]
    public async Task A_changed_schedule_counts_at_once()
    {
        await using var feed = await FeedScenario.StartAsync("0 0 0 1 1 *");
        await feed.TickAsync();
        feed.Requests.Clear();

        feed.Producer = feed.Producer with { Feed = feed.Producer.Feed! with { Schedule = "0 * * * * *" } };
        feed.Time.Advance(TimeSpan.FromMinutes(1));
        await feed.TickAsync();

        Assert.NotEmpty(feed.Requests);
    }

    [Fact]
    public async Task At_another_URL_a_feed_is_another_and_begins_anew()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1");
        await feed.TickAsync();
        feed.Requests.Clear();

        feed.Producer = feed.Producer with { Feed = feed.Producer.Feed! with { Url = new Uri(feed.Producer.Feed.Url, "events?type=a%20b") } };
        await feed.TickAsync();

        Assert.Equal(["/events?type=a%20b", "/events?type=a%20b&lastEventId=1"], feed.Requests.Select(request => request.Target));
        Assert.Equal(["1"], await feed.RecordedAsync());
    }

    [Theory]
    [InlineData("deleted")]
    [InlineData("without its source")]
    [InlineData("without its feed")]
    public async Task A_producer_that_is_deleted_or_loses_its_source_during_a_tick_feeds_it_no_more(string change)
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1", "2", "3");
        feed.PageSize = 1;
        feed.Instead = context =>
        {
            if (context.Request.Query["lastEventId"] == "1")
            {
                // While the second page is on its way.
                feed.IsRegistered = change != "deleted";
                feed.Producer = change switch
                {
                    "without its source" => feed.Producer with { Source = "/another" },
                    "without its feed" => feed.Producer with { Feed = null },
                    _ => feed.Producer,
                };
            }

            return Task.FromResult(false);
        };

        await feed.TickAsync();

        Assert.Equal(2, feed.Requests.Count);
        Assert.Equal(["1"], await feed.RecordedAsync());
        Assert.Empty(await feed.RefusedAsync());
        Assert.Equal("1", await feed.CursorAsync());
    }

    [Fact]
    public async Task A_producer_that_changes_in_what_is_not_its_feed_is_read_on()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1", "2");
        feed.PageSize = 1;
        feed.Instead = _ =>
        {
            feed.Producer = feed.Producer with { Retention = new ProducerRetention { DataDays = 7 } };
            return Task.FromResult(false);
        };

        await feed.TickAsync();

        Assert.Equal(["1", "2"], await feed.RecordedAsync());
    }

    [Fact]
    public async Task A_feed_that_has_nothing_new_need_not_say_so_twice()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1");
        await feed.TickAsync();
        feed.Requests.Clear();

        feed.Time.Advance(TimeSpan.FromMinutes(5));
        await feed.TickAsync();
        feed.Time.Advance(TimeSpan.FromMinutes(5));
        feed.Add("2");
        await feed.TickAsync();

        Assert.Equal("\"1\"", feed.Requests.First().Headers["If-None-Match"]);
        Assert.Equal(["1", "2"], await feed.RecordedAsync());
    }

    [Fact]
    public async Task IDs_are_written_into_the_URL_so_that_they_come_back_as_they_are()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("a/b?c&d=e f#ü");

        await feed.TickAsync();

        Assert.Equal("a/b?c&d=e f#ü", await feed.CursorAsync());
        Assert.Equal("/events?lastEventId=a%2Fb%3Fc%26d%3De%20f%23%C3%BC", feed.Requests.Last().Target);
    }

    [Fact]
    public async Task Large_pages_are_taken_in_whole_and_repeats_within_them_once()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.PageSize = 1_000;
        feed.Add([.. Enumerable.Range(0, 450).Select(i => $"e-{i:D3}")]);
        feed.Events.Insert(449, feed.Events[0]);

        await feed.TickAsync();

        Assert.Equal(450, (await feed.RecordedAsync()).Count);
        Assert.Empty(await feed.RefusedAsync());
    }
}
