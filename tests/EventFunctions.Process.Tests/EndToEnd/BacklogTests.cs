using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>A host that was killed with a backlog works it off while new events come in.</summary>
[Collection(HostProcesses.Name)]
public sealed class BacklogTests(ITestOutputHelper output)
{
    private const string Source = "/tests/backlog";
    private const int EventsPerRequest = 500;
    private const int Connections = 16;

    // Enough to take longer than a tick; a larger one is measured with EVENTFUNCTIONS_BACKLOG=50000.
    private static readonly int Backlog =
        int.TryParse(Environment.GetEnvironmentVariable("EVENTFUNCTIONS_BACKLOG"), NumberStyles.None, CultureInfo.InvariantCulture, out var events) ? events : 3_000;

    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backlog_is_worked_off_at_half_the_intake_rate_or_more_while_intake_goes_on()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var topic = await FaultyTopic.StartAsync();
        var settings = producer.Registration(Source);
        settings["EventGrid:Endpoint"] = topic.Endpoint.AbsoluteUri;
        settings["TickSchedule"] = "* * * * * *";
        settings["Intake:FirstRelayAfter"] = "00:00:02";
        settings["Intake:RelayAfterFailure"] = "00:00:01";
        settings["Relay:RetryAfter"] = "00:00:01";
        settings["Relay:MaxDelay"] = "00:00:01";
        await using var host = new HostProcess(folder.Path, settings);
        topic.LeadTo(host.Address);
        topic.Fault = TopicFault.InternalError;
        await host.StartAsync(Cancellation);
        var backlog = await RecordBacklogAsync(host.Address);
        await host.KillAsync();

        topic.Fault = TopicFault.None;
        await host.StartAsync(Cancellation);
        using var ledger = new Ledger(host.Address, Source);
        using var stop = new CancellationTokenSource();
        var posting = ledger.PostAsync(Connections, stop.Token, Cancellation);
        await Poll.UntilAsync(() => backlog.Exists(topic.Confirmed.ContainsKey), () => "Nothing was relayed.");
        var (clock, acceptedBefore) = (Stopwatch.StartNew(), ledger.Accepted.Count);
        while (backlog.FindLast(id => !topic.Confirmed.ContainsKey(id)) is { } open)
        {
            Assert.True(clock.Elapsed < Deadline, $"{open} is not published after {clock.Elapsed}.");
            await Task.Delay(TimeSpan.FromMilliseconds(20), Cancellation);
        }

        var (elapsed, accepted) = (clock.Elapsed, ledger.Accepted.Count - acceptedBefore);
        await stop.CancelAsync();
        await posting;
        await ledger.SettlesAsync(Deadline, Cancellation);

        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{backlog.Count} events relayed in {elapsed.TotalSeconds:N1} s ({backlog.Count / elapsed.TotalSeconds:N0}/s), {accepted / elapsed.TotalSeconds:N0}/s accepted meanwhile; everything completed after {clock.Elapsed.TotalSeconds:N1} s."));
        Assert.True(backlog.Count >= accepted / 2, $"{backlog.Count} events relayed while {accepted} were accepted.");
        var records = await ledger.ReadAllAsync(Cancellation);
        Assert.Equal(backlog.Concat(ledger.Accepted).Order(), records.Keys.Order());
        Assert.All(records, record => Assert.Equal(Ledger.FinalStatus(record.Key), record.Value.GetProperty("status").GetString()));
        Assert.All(backlog, id => Assert.InRange(topic.Confirmed[id], 1, 2));
    }

    private static async Task<List<string>> RecordBacklogAsync(Uri host)
    {
        using var client = new HttpClient { BaseAddress = host };
        var ids = Enumerable.Range(1, Backlog).Select(n => string.Create(CultureInfo.InvariantCulture, $"waiting-{n}")).ToList();
        foreach (var chunk in ids.Chunk(EventsPerRequest))
        {
            var events = chunk.Select(id => new { specversion = "1.0", id, source = Source, type = "thing.changed", subject = id });
            using var content = new StringContent(JsonSerializer.Serialize(events), new MediaTypeHeaderValue("application/cloudevents-batch+json"));
            using var answer = await client.PostAsync("/api/events", content, Cancellation);
            Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        }

        return ids;
    }
}
