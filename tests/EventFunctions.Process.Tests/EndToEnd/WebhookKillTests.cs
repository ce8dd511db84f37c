using EventFunctions.Tests.Contract;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>The built host is killed while it dispatches and delivers.</summary>
[Collection(HostProcesses.Name)]
public sealed class WebhookKillTests
{
    private const string Source = "/tests/webhooks";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_customer_gets_every_event_at_least_once_and_knows_a_repeat_by_its_id_though_the_host_is_killed_while_it_delivers()
    {
        var kills = TestLength.Rounds(3, whenLong: 15);
        const int eventsPerRound = 30;
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        await using var customer = await WebhookCustomer.StartAsync();
        customer.Answer = AnswerAsync;
        await using var host = new HostProcess(folder.Path, ShortWaits.With(producer.Registration(Source)));
        using var ledger = new Ledger(host.Address, Source);
        using var client = ShortWaits.Administrator(host.Address, new ContractHandler(new SocketsHttpHandler { UseProxy = false }));
        await host.StartAsync(Cancellation);
        foreach (var events in (string[])["thin", "enriched", "both"])
        {
            await customer.RegisterAsync(client, events, $$""","events":"{{events}}","maxConcurrent":8,"maxPerSecond":1000,"timeout":"00:00:02" """, Cancellation);
        }

        for (var kill = 0; kill < kills; kill++)
        {
            var before = customer.All.Count;
            var posting = ledger.PostAsync(eventsPerRound, Cancellation);
            await Poll.UntilAsync(() => customer.All.Count >= before + 5, () => $"{customer.All.Count} posted");
            await host.KillAsync();
            await host.StartAsync(Cancellation);
            await posting;
        }

        await ledger.SettlesAsync(ShortWaits.SettleDeadline, Cancellation);
        var thin = ledger.Accepted.Order(StringComparer.Ordinal).ToList();
        var enriched = thin.Where(id => Ledger.FinalStatus(id) == "completed").Select(id => id + ":enriched").ToList();
        await HasAllAsync(customer, "thin", thin);
        await HasAllAsync(customer, "enriched", enriched);
        await HasAllAsync(customer, "both", [.. thin, .. enriched]);

        Assert.Equal(kills * eventsPerRound, thin.Count);
        Assert.Equal(0, customer.Forged);
        var ids = customer.All.GroupBy(posted => (posted.Webhook, posted.EventId)).ToList();
        Assert.All(ids, group => Assert.Single(group.Select(posted => posted.Id).Distinct()));
        Assert.Equal(ids.Count, customer.All.Select(posted => posted.Id).Distinct().Count());
        Assert.All(ids, group => Assert.Single(group.Select(posted => posted.Event.GetRawText()).Distinct()));
    }

    // Slowly enough to be met by a kill, and sometimes not at all.
    private static async Task<int> AnswerAsync(string webhook, int number, CancellationToken cancellationToken)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(20), cancellationToken);
        return number % 25 == 0 ? 503 : 200;
    }

    private static Task HasAllAsync(WebhookCustomer customer, string webhook, IReadOnlyList<string> ids)
    {
        List<string> missing = [];
        return Poll.UntilAsync(
            () =>
            {
                missing = [.. ids.Except(customer.All.Where(posted => posted.Webhook == webhook).Select(posted => posted.EventId))];
                return missing.Count == 0;
            },
            () => $"{webhook} has not got {string.Join(", ", missing)}");
    }
}
