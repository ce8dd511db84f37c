using EventFunctions.Intake.Feeds;
using EventFunctions.Storage;
using EventFunctions.Tests.EndToEnd;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.Feeds;

public sealed class PullFailureTests
{
    public static TheoryData<string, Func<HttpContext, Task<bool>>, string> BadAnswers => new()
    {
        { "500", context => Status(context, 500), "returned 500" },
        { "404", context => Status(context, 404), "returned 404" },
        { "304 that nobody asked for", context => Status(context, 304), "returned 304" },
        { "no JSON", context => FeedScenario.WriteAsync(context, "<html>"), "Not JSON" },
        { "cut off", context => FeedScenario.WriteAsync(context, $"[{FeedScenario.Json("1")},"), "Not JSON" },
        { "an object", context => FeedScenario.WriteAsync(context, "{}"), "not a JSON array" },
        { "empty", context => FeedScenario.WriteAsync(context, ""), "Not JSON" },
        { "too large", context => FeedScenario.WriteAsync(context, new string(' ', 20_000)), "Feeds:MaxPageBytes" },
        { "no IDs", context => FeedScenario.WriteAsync(context, "[{}]"), "No event of the page has an ID" },
        { "leads out", context => Redirect(context, "http://127.0.0.1:1/"), "is not below" },
        { "another type", context => context.Response.WriteAsync("[]").ContinueWith(_ => true, TaskScheduler.Default), "has the content type" },
    };

    private static Task<bool> Status(HttpContext context, int status)
    {
        context.Response.StatusCode = status;
        return Task.FromResult(true);
    }

    private static Task<bool> Redirect(HttpContext context, string target)
    {
        context.Response.Headers.Location = target;
        return Status(context, 302);
    }

    [Theory]
    [MemberData(nameof(BadAnswers), DisableDiscoveryEnumeration = true)]
    public async Task A_page_that_fails_is_read_again_later_and_says_why(string _, Func<HttpContext, Task<bool>> answer, string error)
    {
        await using var feed = await FeedScenario.StartAsync(settings: [("Feeds:MaxPageBytes", "10000"), ("Feeds:TickBudget", "00:00:20")]);
        feed.Add("1");
        feed.Instead = answer;

        await feed.TickAsync();
        await feed.TickAsync();
        Assert.Single(feed.Requests);
        var state = await feed.StateAsync();
        Assert.Contains(error, state.GetProperty("error").GetString(), StringComparison.Ordinal);
        Assert.Equal("2026-11-23T09:30:30.000Z", state.GetProperty("retryAt").GetString());
        Assert.False(state.TryGetProperty("holder", out var _));

        feed.Time.Advance(TimeSpan.FromSeconds(30));
        await feed.TickAsync();
        Assert.Equal("2026-11-23T09:31:30.000Z", (await feed.StateAsync()).GetProperty("retryAt").GetString());

        feed.Time.Advance(TimeSpan.FromSeconds(60));
        feed.Instead = _ => Task.FromResult(false);
        await feed.TickAsync();
        Assert.Equal(["1"], await feed.RecordedAsync());
        Assert.False((await feed.StateAsync()).TryGetProperty("error", out var _));
    }

    [Theory]
    [InlineData("120", "2026-11-23T09:32:00.000Z")]
    [InlineData("Mon, 23 Nov 2026 09:34:00 GMT", "2026-11-23T09:34:00.000Z")]
    [InlineData("5", "2026-11-23T09:30:30.000Z")]
    [InlineData("86400", "2026-11-23T10:30:00.000Z")]
    [InlineData("soon", "2026-11-23T09:30:30.000Z")]
    public async Task A_feed_that_asks_to_be_left_alone_is_for_an_hour_at_most(string retryAfter, string retryAt)
    {
        await using var feed = await FeedScenario.StartAsync(settings: [("Feeds:TickBudget", "00:00:20")]);
        feed.Instead = context =>
        {
            context.Response.Headers.RetryAfter = retryAfter;
            return Status(context, 503);
        };

        await feed.TickAsync();

        Assert.Equal(retryAt, (await feed.StateAsync()).GetProperty("retryAt").GetString());
        Assert.Equal("The producer \"policies\" returned 503.", (await feed.ProgressAsync())!.Error);
    }

    [Fact]
    public async Task How_far_a_feed_is_read_can_be_asked()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1", "2");
        var before = await feed.ProgressAsync();

        await feed.TickAsync();

        var after = await feed.ProgressAsync();
        Assert.Equal(new FeedProgress(null, null, false, 0, null, null), before);
        Assert.Equal(("2", 0), (after!.LastEventId, after.Failures));
        Assert.InRange(after.ReadAt!.Value, FeedScenario.Start, FeedScenario.Start.AddMinutes(1));
    }

    [Fact]
    public async Task A_redirect_under_the_base_URL_is_followed()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1");
        feed.Instead = context => context.Request.Path == "/events" ? Redirect(context, "/moved" + context.Request.QueryString) : Task.FromResult(false);

        await feed.TickAsync();

        Assert.Equal(["1"], await feed.RecordedAsync());
    }

    [Fact]
    public async Task A_feed_that_repeats_its_page_for_ever_is_not_read_for_ever()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Instead = context => FeedScenario.WriteAsync(context, $"[{FeedScenario.Json("1")},{FeedScenario.Json("2")}]");

        await feed.TickAsync();

        Assert.Equal(2, feed.Requests.Count);
        Assert.Equal(["1", "2"], await feed.RecordedAsync());
        Assert.Contains("does not advance", (await feed.StateAsync()).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_feed_that_goes_in_circles_is_left_after_the_first()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Instead = context => FeedScenario.WriteAsync(context, $"[{FeedScenario.Json(context.Request.Query["lastEventId"] == "a" ? "b" : "a")}]");

        await feed.TickAsync();

        Assert.Equal(3, feed.Requests.Count);
        Assert.Contains("does not advance", (await feed.StateAsync()).GetProperty("error").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_event_is_kept_with_its_errors_and_stops_nobody()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1");
        feed.Events.Add(("bad-type", """{"specversion":"1.0","id":"bad-type","source":"/feeds/policies","type":""}"""));
        feed.Events.Add(("foreign", FeedScenario.Json("foreign", source: "/another")));
        feed.Events.Add(("too-deep", FeedScenario.Json("too-deep", data: new string('[', 200) + new string(']', 200))));
        feed.Events.Add(("not-one", "42"));
        feed.Events.Add(("twice", """{"id":"twice","id":"twice"}"""));
        feed.Events.Add(("1", FeedScenario.Json("1", data: "\"other\"")));
        feed.Add("2");

        await feed.TickAsync();

        Assert.Equal(["1", "2"], await feed.RecordedAsync());
        Assert.Equal("2", await feed.CursorAsync());
        var refused = await feed.RefusedAsync();
        Assert.Equal(6, refused.Count);
        var byId = refused.Where(r => r.TryGetProperty("eventId", out var _)).ToDictionary(r => r.GetProperty("eventId").GetString()!);
        Assert.Equal("#/type", byId["bad-type"].GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Equal("#/source", byId["foreign"].GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Equal("#/id", byId["1"].GetProperty("errors")[0].GetProperty("pointer").GetString());
        Assert.Contains("/another", byId["foreign"].GetProperty("event").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_bad_event_is_kept_once_however_often_it_is_read()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Instead = context => FeedScenario.WriteAsync(context, """[{"id":"1"}]""");

        await feed.TickAsync();
        feed.Time.Advance(TimeSpan.FromHours(1));
        await feed.TickAsync();

        Assert.Single(await feed.RefusedAsync());
    }

    [Fact]
    public async Task Events_of_a_producer_that_was_deleted_just_then_are_taken_in_once_it_is_back()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1");
        feed.BeforeSource = () => feed.IsRegistered = false;
        await feed.TickAsync();
        Assert.Empty(await feed.RefusedAsync());
        Assert.Null(await feed.CursorAsync());

        feed.BeforeSource = () => { };
        feed.IsRegistered = true;
        feed.Time.Advance(TimeSpan.FromHours(1));
        await feed.TickAsync();

        Assert.Equal(["1"], await feed.RecordedAsync());
    }

    [Fact]
    public async Task A_crash_between_the_events_and_the_cursor_only_reads_the_page_again()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1", "2");
        feed.Documents.BeforeReplace = body => body.Contains("lastEventId", StringComparison.Ordinal)
            ? throw new StoreUnavailableException("killed")
            : Task.CompletedTask;
        await feed.TickAsync();
        Assert.Equal(["1", "2"], await feed.RecordedAsync());
        Assert.Null(await feed.CursorAsync());

        feed.Documents.BeforeReplace = _ => Task.CompletedTask;
        feed.Add("3");
        await feed.TickAsync();

        Assert.Equal(["1", "2", "3"], await feed.RecordedAsync());
        Assert.Equal("3", await feed.CursorAsync());
        Assert.Empty(await feed.RefusedAsync());
    }

    [Fact]
    public async Task The_cursor_does_not_move_while_the_events_are_not_durable()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1");
        var cursors = new List<List<string>>();
        feed.Documents.BeforeReplace = async body =>
        {
            if (body.Contains("lastEventId", StringComparison.Ordinal))
            {
                cursors.Add(await feed.RecordedAsync());
            }
        };

        await feed.TickAsync();

        Assert.NotEmpty(cursors);
        Assert.All(cursors, recorded => Assert.Equal(["1"], recorded));
    }

    [Fact]
    public async Task A_tick_that_is_over_leaves_the_rest_to_the_next()
    {
        await using var feed = await FeedScenario.StartAsync();
        feed.Add("1", "2", "3");
        feed.PageSize = 1;
        feed.Instead = _ =>
        {
            feed.Time.Advance(TimeSpan.FromSeconds(26));
            return Task.FromResult(false);
        };

        await feed.TickAsync();
        Assert.Equal(["1", "2"], await feed.RecordedAsync());

        await feed.TickAsync();
        Assert.Equal(["1", "2", "3"], await feed.RecordedAsync());
    }

    [Fact]
    public async Task A_feed_that_is_due_again_within_the_tick_is_asked_to_wait_for_events()
    {
        await using var feed = await FeedScenario.StartAsync("*/10 * * * * *", ("Feeds:TickBudget", "00:00:15"), ("Feeds:LongPoll", "00:00:04"));
        feed.Instead = context =>
        {
            if (context.Request.Query.ContainsKey("timeout") && feed.Events.Count == 0)
            {
                feed.Add("1");
            }

            return Task.FromResult(false);
        };

        var tick = feed.TickAsync();
        await Poll.UntilAsync(() => feed.Requests.Count >= 3, () => string.Join(' ', feed.Requests.Select(r => r.Target)));
        feed.Time.Advance(TimeSpan.FromSeconds(15));
        await tick;

        Assert.Equal(["/events", "/events?timeout=4000", "/events?lastEventId=1"], feed.Requests.Take(3).Select(request => request.Target));
        Assert.DoesNotContain("If-None-Match", feed.Requests.ElementAt(1).Headers.Keys);
        Assert.Equal(["1"], await feed.RecordedAsync());
    }
}
