using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using EventFunctions.Records;
using EventFunctions.Tests.Http;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>The built host is killed while it pulls, projects and replays.</summary>
[Collection(HostProcesses.Name)]
public sealed class PipelineKillTests
{
    private const string Source = "/tests/pipeline";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_feed_is_taken_in_whole_and_its_entities_are_counted_once_though_the_host_is_killed_while_it_pulls_and_links()
    {
        var kills = TestLength.Rounds(3, whenLong: 15);
        const int eventsPerRound = 80;
        const int entities = 20;
        using var folder = new TemporaryFolder();
        var feed = new Feed(pageSize: 10, entities);
        await using var producer = await StubServer.StartAsync(feed.AnswerAsync);
        await using var host = new HostProcess(folder.Path, ShortWaits.With(new Dictionary<string, string>
        {
            ["Sample:Enabled"] = "false",
            ["ProducerClient:AllowedNetworks:0"] = "127.0.0.0/8",
            ["Producers:feed:name"] = "feed",
            ["Producers:feed:source"] = Source,
            ["Producers:feed:data:baseUrl"] = producer.Url.AbsoluteUri,
            ["Producers:feed:data:template"] = "data/{id}",
            ["Producers:feed:entities"] = "true",
            ["Producers:feed:feed:url"] = "events",
            ["Producers:feed:feed:schedule"] = "* * * * * *",
        }));
        using var ledger = new Ledger(host.Address, Source);
        var random = new Random(20261125);

        await host.StartAsync(Cancellation);
        for (var kill = 0; kill < kills; kill++)
        {
            var known = feed.Available;
            feed.Available += eventsPerRound;
            var target = known + random.Next(10, eventsPerRound - 10);
            await Poll.UntilAsync(() => feed.Asked.DefaultIfEmpty().Max() >= target, () => $"The feed was read up to {feed.Asked.DefaultIfEmpty().Max()} of {target}.");
            await Task.Delay(random.Next(0, 40), Cancellation);
            await host.KillAsync();
            await host.StartAsync(Cancellation);
        }

        feed.Available += eventsPerRound;
        var all = feed.Available;
        await Poll.UntilAsync(() => feed.Asked.Contains(all), () => $"The feed was read up to {feed.Asked.Max()} of {all}: {string.Join('\n', host.Output.TakeLast(20))}");
        await ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        var records = await ledger.ReadAllAsync(Cancellation);

        Assert.Equal(Enumerable.Range(1, all).Select(Feed.IdOf).Order(StringComparer.Ordinal), records.Keys.Order(StringComparer.Ordinal));
        Assert.All(records.Values, record => Assert.Equal("completed", record.GetProperty("status").GetString()));
        Assert.All(records.Values, record => Assert.Equal("recorded", Assert.Single(Service.Steps(record), step => step == "recorded")));

        // A page is read again where a kill came between its events and the cursor, and the cursor never goes back further.
        Assert.InRange(feed.PagesWithEvents, all / feed.PageSize, (all / feed.PageSize) + kills);
        using var client = new HttpClient { BaseAddress = host.Address };
        var page = await JsonAsync(client, "/api/entities?limit=1000&source=" + Uri.EscapeDataString(Source));
        var counted = page.GetProperty("items").EnumerateArray().ToDictionary(
            entity => entity.GetProperty("subject").GetString()!, entity => entity.GetProperty("events").GetInt32());
        Assert.Equal(Enumerable.Range(0, entities).ToDictionary(Feed.SubjectOf, _ => all / entities), counted);

        var history = await HistoryAsync(client, Feed.SubjectOf(7));
        Assert.Equal(Enumerable.Range(1, all).Where(n => n % entities == 7).Select(Feed.IdOf).Order(StringComparer.Ordinal), history.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_replay_job_starts_one_run_per_event_and_finishes_though_the_host_is_killed_while_it_works()
    {
        var kills = TestLength.Rounds(3, whenLong: 10);
        var events = 20 * (kills + 1);
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var host = new HostProcess(folder.Path, ShortWaits.With(producer.Registration(Source)));
        using var ledger = new Ledger(host.Address, Source);
        using var client = ShortWaits.Administrator(host.Address);
        await host.StartAsync(Cancellation);
        await ledger.PostAsync(events, Cancellation);
        await ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);

        using var begun = await client.PostAsync(
            "/api/replays", new StringContent("""{"status":["completed","failed"],"rate":20}""", new MediaTypeHeaderValue("application/json")), Cancellation);
        Assert.Equal(HttpStatusCode.Accepted, begun.StatusCode);
        var path = begun.Headers.Location!.OriginalString;
        for (var kill = 0; kill < kills; kill++)
        {
            // A page is counted as matched when it is written down, and before anything is done to its events.
            var (seen, matched) = (20 * (kill + 1), 0);
            await Poll.UntilAsync(
                async () => (matched = (await JsonAsync(client, path)).GetProperty("matched").GetInt32()) >= seen, () => $"{matched} of {seen} matched");
            await host.KillAsync();
            await host.StartAsync(Cancellation);
        }

        var job = default(JsonElement);
        await Poll.UntilAsync(async () => (job = await JsonAsync(client, path)).GetProperty("state").GetString() == "completed", () => job.GetRawText());
        await ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        var records = await ledger.ReadAllAsync(Cancellation);

        Assert.Equal(
            (events, events, 0, 0),
            (Number(job, "matched"), Number(job, "started"), Number(job, "skipped"), Number(job, "failed")));
        Assert.Equal(ledger.Accepted.Order(), records.Keys.Order());
        Assert.All(records.Values, record => Assert.Equal(1, record.GetProperty("run").GetInt32()));
        Assert.All(records.Values, record => Assert.Single(Service.Steps(record), step => step == "replayed"));
        Assert.All(records, record => Assert.Equal(Ledger.FinalStatus(record.Key), record.Value.GetProperty("status").GetString()));
        Assert.All(ledger.Accepted, id => Assert.InRange(producer.Fetches[id], 2, 8));
    }

    private static int Number(JsonElement job, string name) => job.TryGetProperty(name, out var value) ? value.GetInt32() : 0;

    private static async Task<JsonElement> JsonAsync(HttpClient client, string path) =>
        JsonElement.Parse(await client.GetByteArrayAsync(path, Cancellation));

    private static async Task<IEnumerable<string>> HistoryAsync(HttpClient client, string subject)
    {
        var page = await JsonAsync(client, $"/api/entities/{Uri.EscapeDataString(EventPath.ToSegment(Source))}/{subject}/events?limit=1000");
        return page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!);
    }

    /// <summary>A feed by the HTTP Feeds convention, and the data of its events.</summary>
    private sealed class Feed(int pageSize, int entities)
    {
        // Time for a kill to meet a page.
        private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(20);

        private readonly List<int> _asked = [];
        private int _pages;

        public int PageSize => pageSize;

        /// <summary>How many events there are.</summary>
        public int Available { get; set; }

        /// <summary>Behind which events pages were asked for.</summary>
        public IReadOnlyList<int> Asked
        {
            get
            {
                lock (_asked)
                {
                    return [.. _asked];
                }
            }
        }

        public int PagesWithEvents => _pages;

        public static string IdOf(int n) => string.Create(CultureInfo.InvariantCulture, $"f-{n}");

        public static string SubjectOf(int entity) => string.Create(CultureInfo.InvariantCulture, $"policy-{entity}");

        public async Task AnswerAsync(HttpContext context)
        {
            context.Response.ContentType = "application/json";
            if (context.Request.Path != "/events")
            {
                await context.Response.WriteAsync("""{"premium":1}""");
                return;
            }

            var last = context.Request.Query["lastEventId"].ToString() is { Length: > 2 } id ? int.Parse(id[2..], CultureInfo.InvariantCulture) : 0;
            lock (_asked)
            {
                _asked.Add(last);
            }

            await Task.Delay(Delay, context.RequestAborted);
            var page = Enumerable.Range(last + 1, Math.Min(pageSize, Available - last)).Select(EventOf).ToList();
            if (page.Count > 0)
            {
                Interlocked.Increment(ref _pages);
            }

            await context.Response.WriteAsync($"[{string.Join(',', page)}]");
        }

        private string EventOf(int n) =>
            $$"""{"specversion":"1.0","id":"{{IdOf(n)}}","source":"{{Source}}","type":"policy.renewed","subject":"{{SubjectOf(n % entities)}}"}""";
    }
}
