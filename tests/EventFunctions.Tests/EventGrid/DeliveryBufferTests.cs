using EventFunctions.Local.EventGrid;
using Microsoft.Extensions.Logging.Abstractions;

namespace EventFunctions.Tests.EventGrid;

public sealed class DeliveryBufferTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public async Task A_retry_that_is_scheduled_between_the_decision_to_look_on_disk_and_the_look_is_not_forgotten()
    {
        using var folder = new TemporaryFolder();
        await using var store = new TopicDeliveryStore(folder.File("grid.db"), TimeProvider.System, NullLogger<TopicDeliveryStore>.Instance);
        var ids = await store.OpenAsync(["TOPIC/SUBSCRIPTION"], TestContext.Current.CancellationToken);
        using var reader = store.OpenReader(ids[0]);
        var buffer = new DeliveryBuffer(maxEvents: 8, maxBytes: 1000);
        buffer.Release(1, Now);

        var plan = buffer.BeginRefill(Now);
        buffer.Release(2, Now.AddSeconds(-1));
        buffer.Refill(reader, plan!.Value);

        Assert.NotNull(buffer.BeginRefill(Now));
    }

    [Fact]
    public void What_finds_no_room_waits_on_disk_and_so_does_all_that_comes_behind_it()
    {
        var buffer = new DeliveryBuffer(maxEvents: 2, maxBytes: 1000);

        for (var sequence = 1; sequence <= 3; sequence++)
        {
            buffer.Add(Event(sequence));
        }

        Assert.Equal([1L, 2], buffer.Take(10, 1000)!.Select(d => d.Sequence));
        buffer.Release(1, null);
        buffer.Release(2, null);
        buffer.Add(Event(4));
        Assert.Equal(0, buffer.Ready);
        Assert.Equal(3, buffer.BeginRefill(Now)!.Value.BehindFrom);
    }

    [Fact]
    public void Memory_is_bounded_by_bytes_as_well_and_free_again_after_the_attempt()
    {
        var buffer = new DeliveryBuffer(maxEvents: 100, maxBytes: 15);
        buffer.Add(Event(1));
        buffer.Add(Event(2));
        buffer.Add(Event(3));

        var taken = buffer.Take(10, 1000)!;

        Assert.Equal([1L, 2], taken.Select(d => d.Sequence));
        Assert.Null(buffer.BeginRefill(Now));
        taken.ForEach(buffer.Tried);
        Assert.NotNull(buffer.BeginRefill(Now));
    }

    private static PublishedEvent Event(long sequence) => new(sequence, Now, new byte[10], []);
}
