using EventFunctions.Local.CommandLine;
using EventFunctions.Local.Demo;
using EventFunctions.Tests.EndToEnd;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.SampleProducer;

public sealed class SampleTrafficTests
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    [Fact]
    public async Task Events_are_posted_and_put_into_the_feed_one_at_a_time_and_all_complete()
    {
        await using var service = await Service.StartAsync(settings: ("Sample:Enabled", "true"));
        using var api = new EventsApi(service.Host.Address, key: null);
        var time = new FakeTimeProvider();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);

        var traffic = new SampleTraffic(api, time).RunAsync(Every, stop.Token);
        for (var sent = 1; sent <= 3; sent++)
        {
            time.Advance(Every);
            await Poll.UntilAsync(async () => (await CompletedAsync(api)).Count == sent, () => $"event {sent} completes");
        }

        await stop.CancelAsync();
        await traffic;
        Assert.Equal(["policy-100", "policy-101", "policy-102"], (await CompletedAsync(api)).Select(record => record.Subject).Order());
    }

    [Fact]
    public async Task Nothing_is_sent_where_nothing_is_asked_for()
    {
        using var api = new EventsApi(new Uri("http://127.0.0.1:1/"), key: null);

        await new SampleTraffic(api, TimeProvider.System).RunAsync(TimeSpan.Zero, TestContext.Current.CancellationToken);

        Assert.Empty(SampleTraffic.Announce(TimeSpan.Zero));
    }

    private static async Task<IReadOnlyList<EventView>> CompletedAsync(EventsApi api) =>
        (await api.ListAsync("status=completed", 100, continuation: null, TestContext.Current.CancellationToken)).Items;
}
