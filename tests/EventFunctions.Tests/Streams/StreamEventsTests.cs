using System.Net;
using System.Net.Sockets;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Streams;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Intake;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Streams;

public sealed class StreamEventsTests
{
    private readonly ChangeLog _log = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static StreamOptions Quick { get; } = new() { PollEvery = TimeSpan.FromMilliseconds(50), MaxPollEvery = TimeSpan.FromMilliseconds(50) };

    [Fact]
    public async Task A_stream_begins_now_and_shows_records_as_lists_do()
    {
        _log.Add(StoreSamples.Record("before"));
        await using var server = await StreamServer.StartAsync(_log, Quick);
        await using var tail = await Tail.OpenAsync(server.Client);

        _log.Add(
            StoreSamples.Record("a", data: EventContent.FromJson("{\r\n\"n\":\n1.0}")),
            StoreSamples.Record("b", status: EventStatus.Completed) with { Run = 2 });
        await UntilAsync(tail, 2);

        Assert.Equal(["a", "b"], tail.Ids);
        Assert.Contains("\"data\":{  \"n\": 1.0}", tail.Items.First().Data, StringComparison.Ordinal);
        Assert.Contains("\"status\":\"completed\",\"run\":2", tail.Items.Last().Data, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(1), tail.RetryAfter);
    }

    [Fact]
    public async Task A_reader_that_wants_no_data_gets_none_and_others_get_it()
    {
        await using var server = await StreamServer.StartAsync(_log, Quick);
        await using var without = await Tail.OpenAsync(server.Client, "?data=false");
        await using var with = await Tail.OpenAsync(server.Client);

        _log.Add(StoreSamples.Record("a", data: EventContent.FromJson("1")));
        await UntilAsync(without, 1);
        await UntilAsync(with, 1);

        Assert.DoesNotContain("\"data\":", without.Items.First().Data, StringComparison.Ordinal);
        Assert.Contains("\"data\":1", with.Items.First().Data, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("?status=completed,failed", "completed failed")]
    [InlineData("?source=/other", "other")]
    [InlineData("?type=t2", "t2")]
    [InlineData("?subject=s2&status=recorded", "s2")]
    [InlineData("?dismissed=true", "dismissed")]
    public async Task Filters_are_those_of_the_list(string query, string expected)
    {
        await using var server = await StreamServer.StartAsync(_log, Quick);
        await using var tail = await Tail.OpenAsync(server.Client, query);

        _log.Add(
            StoreSamples.Record("completed", status: EventStatus.Completed),
            StoreSamples.Record("failed", status: EventStatus.Failed),
            StoreSamples.Record("other", source: "/other"),
            StoreSamples.Record("t2", type: "t2"),
            StoreSamples.Record("s2", subject: "s2"),
            StoreSamples.Record("dismissed", status: EventStatus.DeadLettered) with { Dismissed = true });
        await UntilAsync(tail, expected.Split(' ').Length);

        Assert.Equal(expected.Split(' '), tail.Ids);
    }

    [Fact]
    public async Task Whoever_comes_again_misses_nothing_that_was_committed_meanwhile()
    {
        await using var server = await StreamServer.StartAsync(_log, Quick with { PageSize = 7 });
        string lastEventId;
        await using (var first = await Tail.OpenAsync(server.Client))
        {
            _log.Add(StoreSamples.Record("0"));
            await UntilAsync(first, 1);
            lastEventId = first.LastEventId;
        }

        _log.Add(Enumerable.Range(1, 50).Select(i => StoreSamples.Record($"{i}")));
        await using var second = await Tail.OpenAsync(server.Client, lastEventId: lastEventId);
        await UntilAsync(second, 50);
        _log.Add(StoreSamples.Record("51"));
        await UntilAsync(second, 51);

        Assert.Equal(Enumerable.Range(1, 51).Select(i => $"{i}"), second.Ids);
    }

    [Fact]
    public async Task Whoever_breaks_off_within_a_page_sees_its_rest()
    {
        await using var server = await StreamServer.StartAsync(_log, Quick);
        await using var tail = await Tail.OpenAsync(server.Client);
        _log.Add(Enumerable.Range(0, 10).Select(i => StoreSamples.Record($"{i}")));
        await UntilAsync(tail, 10);

        // However the page was cut, the ID of an event leads on to all that came after it.
        foreach (var (index, item) in tail.Items.Index().Where(one => one.Item.EventId is not null).ToList())
        {
            await using var again = await Tail.OpenAsync(server.Client, lastEventId: item.EventId);
            var rest = tail.Ids.Skip(index + 1).ToList();
            await Poll.UntilAsync(() => rest.TrueForAll(again.Ids.Contains), () => string.Join(' ', again.Ids));
        }
    }

    [Fact]
    public async Task Silence_is_broken_by_comments_and_by_the_end_with_what_leads_on()
    {
        var time = new FakeTimeProvider();
        await using var server = await StreamServer.StartAsync(_log, new StreamOptions { Heartbeat = TimeSpan.FromSeconds(15) }, time);
        using var response = await Tail.SendAsync(server.Client, "?type=none", null);
        using var body = new StreamReader(await response.Content.ReadAsStreamAsync(Cancellation));
        Assert.Equal("retry: 1000", await body.ReadLineAsync(Cancellation));
        var start = await body.ReadLineAsync(Cancellation);
        Assert.StartsWith("id: ", start, StringComparison.Ordinal);
        _log.Add(StoreSamples.Record("for others"));

        var rest = body.ReadToEndAsync(Cancellation);
        await Poll.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return rest.IsCompleted;
            },
            () => "no end");

        var lines = (await rest).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.InRange(lines.Count(line => line == ":"), 1, 4);
        var moved = Assert.Single(lines, line => line.StartsWith("id: ", StringComparison.Ordinal));
        Assert.NotEqual(start, moved);
        Assert.Equal(0, server.Hub().Open);
    }

    [Fact]
    public async Task More_streams_than_allowed_are_asked_to_come_again()
    {
        await using var server = await StreamServer.StartAsync(_log, Quick with { MaxOpen = 1 });
        await using (await Tail.OpenAsync(server.Client))
        {
            using var refused = await Tail.SendAsync(server.Client, "", null);
            Assert.Equal("6", refused.Headers.GetValues("Retry-After").Single());
            (await Answer.ReadAsync(refused, Cancellation)).AssertProblem(HttpStatusCode.ServiceUnavailable);
        }

        await Poll.UntilAsync(() => server.Hub().Open == 0, () => "The place of a reader that is gone is not given back.");
        await using var next = await Tail.OpenAsync(server.Client);
        Assert.Equal(1, server.Hub().Open);
    }

    [Fact]
    public async Task What_no_stream_understands_is_refused_with_its_name()
    {
        await using var server = await StreamServer.StartAsync(_log, Quick);

        (await AnswerAsync("?limit=1&from=2026-01-01T00:00:00Z&data=no", null)).AssertProblem(HttpStatusCode.BadRequest, "limit", "from", "data");
        (await AnswerAsync("?status=done", null)).AssertProblem(HttpStatusCode.BadRequest, "status");
        (await AnswerAsync("", "1")).AssertProblem(HttpStatusCode.BadRequest, "Last-Event-ID");
        (await AnswerAsync("", new ChangeCursor(ApiServer.Tokens).Protect("99"))).AssertProblem(HttpStatusCode.BadRequest, "Last-Event-ID");
        Assert.Equal(0, server.Hub().Open);

        async Task<Answer> AnswerAsync(string query, string? lastEventId)
        {
            using var response = await Tail.SendAsync(server.Client, query, lastEventId);
            return await Answer.ReadAsync(response, Cancellation);
        }
    }

    [Fact]
    public async Task A_reader_that_takes_nothing_is_dropped_and_delays_no_other()
    {
        await using var server = await StreamServer.StartAsync(_log, Quick with { WindowBytes = 1_000_000, WriteTimeout = TimeSpan.FromSeconds(1) });
        var address = server.Client.BaseAddress!;
        using var stuck = new TcpClient { ReceiveBufferSize = 4_096 };
        await stuck.ConnectAsync(address.Host, address.Port, Cancellation);
        await stuck.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /api/stream HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"), Cancellation);
        await Poll.UntilAsync(() => server.Hub().Open == 1, () => "not open");
        await using var quick = await Tail.OpenAsync(server.Client);

        var sent = 0;
        await Poll.UntilAsync(
            () =>
            {
                if (quick.Items.Count == sent)
                {
                    var data = EventContent.FromJson($"\"{new string('x', 50_000)}\"");
                    _log.Add(Enumerable.Range(sent, 10).Select(i => StoreSamples.Record($"{i}", data: data)));
                    sent += 10;
                }

                Assert.InRange(server.Hub().HeldBytes, 0, 3_000_000);
                return server.Hub().Open == 1;
            },
            () => $"{server.Hub().Open} open after {sent}");

        await UntilAsync(quick, sent);
        Assert.Equal(Enumerable.Range(0, sent).Select(i => $"{i}"), quick.Ids);
    }

    [Fact]
    public void A_cursor_of_many_ranges_comes_back_from_what_a_URL_has_room_for()
    {
        var cursors = new ChangeCursor(ApiServer.Tokens);
        var cursor = string.Join(',', Enumerable.Range(0, 100).Select(i => $$$"""{"FeedRange":{"value":{"min":"{{{i:X32}}}","max":"{{{i + 1:X32}}}"}},"State":{"type":"continuation","value":"\"{{{i * 7919}}}\""}}"""));

        var token = cursors.Protect(cursor);

        Assert.InRange(token.Length, 1, 4_000);
        Assert.Equal(cursor, cursors.Unprotect(token));
        Assert.Null(cursors.Unprotect(token[..^4] + "AAAA"));
    }

    private static Task UntilAsync(Tail tail, int count) => Poll.UntilAsync(() => tail.Items.Count >= count, () => $"{tail.Items.Count} of {count}");
}
