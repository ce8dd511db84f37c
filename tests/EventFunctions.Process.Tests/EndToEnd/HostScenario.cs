using System.Globalization;
using System.Text.Json;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>A built host with a producer and a consumer, and the ledger of what it accepted.</summary>
internal sealed class HostScenario : IAsyncDisposable
{
    private const string Source = "/tests/host";

    private HostScenario(TemporaryFolder folder, StubProducer producer, Consumer consumer, HostProcess host) =>
        (Folder, Producer, Consumer, Host, Ledger) = (folder, producer, consumer, host, new Ledger(host.Address, Source));

    public TemporaryFolder Folder { get; }

    public StubProducer Producer { get; }

    public Consumer Consumer { get; }

    public HostProcess Host { get; }

    public Ledger Ledger { get; }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts the host.</summary>
    /// <param name="folder">The folder of its data, which the scenario deletes.</param>
    /// <param name="settings">More settings.</param>
    public static async Task<HostScenario> StartAsync(TemporaryFolder folder, Dictionary<string, string>? settings = null)
    {
        var producer = await StubProducer.StartAsync();
        var consumer = await Consumer.StartAsync();
        var host = new HostProcess(
            folder.Path, ShortWaits.With([.. producer.Registration(Source), consumer.Subscribe(folder.File("topics.json")), .. settings ?? []]));
        await host.StartAsync(Cancellation);
        return new HostScenario(folder, producer, consumer, host);
    }

    /// <summary>Kills the host, and starts it again on its data.</summary>
    public async Task KillAsync()
    {
        await Host.KillAsync();
        await Host.StartAsync(Cancellation);
    }

    /// <summary>Posts without pause while something happens.</summary>
    public async Task PostWhileAsync(int connections, Func<Task> happens)
    {
        using var stop = new CancellationTokenSource();
        var posting = Ledger.PostAsync(connections, stop.Token, Cancellation);
        await happens();
        await stop.CancelAsync();
        await posting;
    }

    /// <summary>
    /// Waits until nothing is open, and checks: every accepted event is recorded once, ended as its data calls for, and has its data; the
    /// consumer has all events, each time the same byte for byte; the producer was asked for each.
    /// </summary>
    public async Task<Dictionary<string, JsonElement>> AllIsWellAsync()
    {
        await Ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        var records = await Ledger.ReadAllAsync(Cancellation);
        Assert.NotEmpty(Ledger.Accepted);
        Assert.Equal(Ledger.Accepted.Order(), records.Keys.Order());
        Assert.All(records, record => Assert.Equal(Ledger.FinalStatus(record.Key), record.Value.GetProperty("status").GetString()));
        Assert.All(records, record => Assert.Equal(Ledger.FinalStatus(record.Key), Service.Steps(record.Value).Last()));
        Assert.All(records.Values, record => Assert.Equal("recorded", Assert.Single(Service.Steps(record), step => step == "recorded")));
        Assert.All(
            records.Values.Where(record => record.GetProperty("status").GetString() == "failed"),
            record => Assert.Equal("dataNotFound", record.GetProperty("reason").GetString()));
        Assert.All(Ledger.Accepted, id => Assert.True(Producer.Fetches.ContainsKey(id), $"{id} was never fetched."));
        await Parallel.ForEachAsync(
            Ledger.Accepted.Where(id => Ledger.FinalStatus(id) == "completed"),
            new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancellation },
            async (id, cancellation) => Assert.Equal(StubProducer.DataOf(id), await Ledger.ReadDataAsync(id, cancellation)));
        await ReachesConsumerAsync();
        return records;
    }

    public async ValueTask DisposeAsync()
    {
        Ledger.Dispose();
        await Host.DisposeAsync();
        await Consumer.DisposeAsync();
        await Producer.DisposeAsync();
        Folder.Dispose();
    }

    private async Task ReachesConsumerAsync()
    {
        var expected = Ledger.Accepted
            .Concat(Ledger.Accepted.Where(id => Ledger.FinalStatus(id) == "completed").Select(id => id + ":enriched"))
            .ToHashSet(StringComparer.Ordinal);
        await Poll.UntilAsync(
            () => expected.All(Consumer.Received.ContainsKey),
            () => string.Create(CultureInfo.InvariantCulture, $"{expected.Count(id => !Consumer.Received.ContainsKey(id))} of {expected.Count} events did not come."));
        Assert.Empty(Consumer.Received.Where(copies => copies.Value.Distinct().Count() > 1).Select(copies => string.Join('\n', copies.Value)));

        // The service's own events tell that some failed.
        Assert.Subset(expected, Consumer.Received.Keys.Where(id => !id.StartsWith("failed-", StringComparison.Ordinal)).ToHashSet(StringComparer.Ordinal));
    }
}
