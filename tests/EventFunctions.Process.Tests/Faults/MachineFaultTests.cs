using System.Net;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Faults;

/// <summary>The built host on a machine whose disk, clock and scheduler fail.</summary>
[Collection(HostProcesses.Name)]
public sealed class MachineFaultTests
{
    private const int Posts = 20;

    // So few that the write-ahead log is never written from its beginning again.
    private const int EventsBeforePowerLoss = 40;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(FaultyMachine.IoError, 0)]
    [InlineData(0, FaultyMachine.IoError)]
    [InlineData(0, FaultyMachine.NoSpace)]
    public async Task No_event_gets_a_202_while_the_disk_fails_and_every_event_is_taken_when_it_works_again(int syncError, int writeError)
    {
        var folder = new TemporaryFolder();
        using var machine = FaultyMachine.Create(folder);
        await using var scenario = await HostScenario.StartAsync(folder, machine.Settings);
        using var client = ShortWaits.Administrator(scenario.Host.Address);
        await scenario.Ledger.PostAsync(events: 5, Cancellation);

        (machine.SyncError, machine.WriteError) = (syncError, writeError);
        var refused = await Task.WhenAll(Enumerable.Range(0, Posts).Select(i => PostAsync(client, $"refused-{i}")));
        (machine.SyncError, machine.WriteError) = (0, 0);
        await scenario.Ledger.PostAsync(events: 5, Cancellation);
        var taken = await Task.WhenAll(Enumerable.Range(0, Posts).Select(i => PostAsync(client, $"refused-{i}")));
        await scenario.KillAsync();

        Assert.All(refused, status => Assert.Equal(HttpStatusCode.ServiceUnavailable, status));
        Assert.All(taken, status => Assert.Equal(HttpStatusCode.Accepted, status));
        await scenario.Ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        var records = await scenario.Ledger.ReadAllAsync(Cancellation);
        Assert.Equal(scenario.Ledger.Accepted.Concat(Enumerable.Range(0, Posts).Select(i => $"refused-{i}")).Order(), records.Keys.Order());
        Assert.All(records, record => Assert.Equal(Ledger.FinalStatus(record.Key), record.Value.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task A_power_loss_that_takes_what_was_not_synced_loses_no_event_that_got_a_202()
    {
        var folder = new TemporaryFolder();
        using var machine = FaultyMachine.Create(folder);
        await using var scenario = await HostScenario.StartAsync(folder, machine.Settings);
        var random = new Random(20261129);

        for (var loss = 0; loss < TestLength.Rounds(2, whenLong: 20); loss++)
        {
            // What is in flight when the power goes may have been written, but not synced.
            using var stop = new CancellationTokenSource();
            var before = scenario.Ledger.Accepted.Count;
            var posting = scenario.Ledger.PostAsync(connections: 2, stop.Token, Cancellation);
            await Poll.UntilAsync(() => scenario.Ledger.Accepted.Count > before + EventsBeforePowerLoss, () => $"{scenario.Ledger.Accepted.Count} accepted");
            await scenario.Host.KillAsync();
            var accepted = scenario.Ledger.Accepted.ToList();
            Tear(folder.File("events.db-wal"), machine.SyncedBytes, random);
            await scenario.Host.StartAsync(Cancellation);

            Assert.Empty(accepted.Except((await scenario.Ledger.ReadAllAsync(Cancellation)).Keys));
            await stop.CancelAsync();
            await posting;
            await scenario.Ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        }

        await scenario.AllIsWellAsync();
    }

    [Fact]
    public async Task Every_event_ends_once_though_the_process_stands_still_for_longer_than_its_leases()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are Unix's.");
        await using var scenario = await HostScenario.StartAsync(new TemporaryFolder());

        await scenario.PostWhileAsync(connections: 3, async () =>
        {
            for (var stop = 0; stop < TestLength.Rounds(2, whenLong: 20); stop++)
            {
                var before = scenario.Ledger.Accepted.Count;
                await Poll.UntilAsync(() => scenario.Ledger.Accepted.Count > before + 20, () => $"{scenario.Ledger.Accepted.Count} accepted");
                await scenario.Host.StopAsync();
                await Task.Delay(TimeSpan.FromSeconds(3), Cancellation);
                await scenario.Host.ContinueAsync();
            }
        });

        await scenario.AllIsWellAsync();
    }

    [Fact]
    public async Task Every_event_ends_once_though_the_clock_jumps_by_hours_and_back()
    {
        var folder = new TemporaryFolder();
        using var machine = FaultyMachine.Create(folder);
        await using var scenario = await HostScenario.StartAsync(folder, machine.Settings);

        await scenario.PostWhileAsync(connections: 2, async () =>
        {
            // Less than the time to live of an event in the topic: behind that, events that wait become dead letters.
            foreach (var hours in (int[])[12, 0, -12, 0, 1, -1])
            {
                machine.ClockOffset = TimeSpan.FromHours(hours);
                var before = scenario.Ledger.Accepted.Count;
                await Poll.UntilAsync(() => scenario.Ledger.Accepted.Count > before + 20, () => $"{scenario.Ledger.Accepted.Count} accepted {hours} h ahead");
            }
        });

        await scenario.AllIsWellAsync();
    }

    private static async Task<HttpStatusCode> PostAsync(HttpClient client, string id)
    {
        using var content = new StringContent($$"""{"specversion":"1.0","id":"{{id}}","source":"/tests/host","type":"thing.changed","subject":"{{id}}"}""", new System.Net.Http.Headers.MediaTypeHeaderValue("application/cloudevents+json"));
        using var response = await client.PostAsync("/api/events", content, Cancellation);
        return response.StatusCode;
    }

    // Behind the last sync a log may be cut off anywhere, and hold anything.
    private static void Tear(string log, long synced, Random random)
    {
        using var file = File.OpenWrite(log);
        var left = Math.Max(0, file.Length - synced);
        file.SetLength(synced + (left == 0 ? 0 : random.NextInt64(left)));
        file.Position = synced;
        var noise = new byte[random.Next(20_000)];
        random.NextBytes(noise);
        file.Write(noise);
    }
}
