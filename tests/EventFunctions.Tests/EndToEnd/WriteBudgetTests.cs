using System.Net;
using EventFunctions.Tests.Stores;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>What one event, and one delivery, may write on one machine, in all databases of the host together.</summary>
public sealed class WriteBudgetTests
{
    private const int Events = 10;
    private const string Key = "an administration key of the tests";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    // A link adds its row and two entries; an event with its own data has no data item. Records, data items and links expire by default, for
    // which each row has one more entry.
    [Theory]
    [InlineData(false, null, 3, 14)]
    [InlineData(true, null, 4, 18)]
    [InlineData(false, "{}", 2, 12)]
    public async Task An_event_writes_few_rows_and_index_entries_and_a_delivery_two_rows(bool entities, string? ownData, int maxRows, int maxEntries)
    {
        await using var customer = await WebhookCustomer.StartAsync();
        await using var service = await Service.StartAsync(settings:
        [
            ("TickSchedule", "0 0 0 1 1 *"), ("Producers:stub:Entities", entities ? "true" : "false"),
            ("Producers:stub:Data:Template", ownData is null ? "{subject}" : ""), ("Webhooks:AllowedNetworks:0", "127.0.0.0/8"), ("Administration:Key", Key),
        ]);
        service.Client.DefaultRequestHeaders.Add("x-admin-key", Key);
        await CompleteAsync(service, "first", ownData);
        // The tick, which comes once a minute for all events together, keeps its state there; a group of writes, however large, counts as one commit.
        using var store = new WriteCounter(Path.Combine(service.Folder, "events.db"), "state", "commits");
        using var topic = new WriteCounter(Path.Combine(service.Folder, "eventgrid.db"));

        await CompleteAsync(service, "plain", ownData);
        var (rows, entries) = store.Take();

        Assert.Equal((0, 0), topic.Take());
        Assert.InRange(rows, 1, maxRows * Events);
        Assert.InRange(entries, 1, maxEntries * Events);

        await customer.RegisterAsync(service.Client, "crm", ""","events":"thin" """, Cancellation);
        await Poll.UntilAsync(
            async () =>
            {
                // Another registry of this host may know the webhook a little later.
                await CompleteAsync(service, $"seen-{Guid.NewGuid():N}", ownData, 1);
                return customer.All.Count > 0;
            },
            () => "The webhook got nothing.");
        await Poll.UntilAsync(() => store.Take().Rows == 0, () => "Something is still written.");
        await CompleteAsync(service, "delivered", ownData);
        var withDelivery = 0L;
        await Poll.UntilAsync(
            () =>
            {
                var more = store.Take().Rows;
                withDelivery += more;
                return more == 0 && withDelivery >= maxRows * Events;
            },
            () => $"{withDelivery} rows");

        Assert.Equal((0, 0), topic.Take());
        Assert.InRange(withDelivery, maxRows * Events, (maxRows + 2) * Events);
        TestContext.Current.SendDiagnosticMessage("{0} rows and {1} index entries an event", (double)rows / Events, (double)entries / Events);
    }

    private static async Task CompleteAsync(Service service, string prefix, string? ownData, int count = Events)
    {
        for (var i = 0; i < count; i++)
        {
            using var accepted = await service.PostAsync(Service.Event($"{prefix}-{i}", ownData));
            Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        }

        for (var i = 0; i < count; i++)
        {
            await service.ReachesAsync($"{prefix}-{i}", "completed");
        }
    }
}
