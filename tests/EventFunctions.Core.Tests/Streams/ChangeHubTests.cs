using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Streams;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Stores;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Streams;

public sealed class ChangeHubTests
{
    private readonly ChangeLog _log = new();
    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private ChangeHub Hub(StreamOptions? options = null) =>
        new(_log.Store, _time, Options.Create(options ?? new StreamOptions()), NullLogger<ChangeHub>.Instance);

    private static EventRecord Large(int i) => StoreSamples.Record($"{i}", data: EventContent.FromJson($"\"{new string('x', 10_000)}\""));

    [Fact]
    public async Task All_readers_together_cost_one_query_a_poll()
    {
        var hub = Hub();
        var readers = new List<Task<SharedPage?>>();
        for (var i = 0; i < 50; i++)
        {
            Assert.NotNull(hub.TryOpen());
            await hub.StartAsync(Cancellation);
            readers.Add(hub.ReadAsync(hub.Head!.Value.Number, Cancellation).AsTask());
        }

        _log.Add(StoreSamples.Record("a"));
        await AdvanceUntilAsync(() => readers.TrueForAll(reader => reader.IsCompleted), TimeSpan.FromMilliseconds(50));

        var pages = await Task.WhenAll(readers);
        Assert.Single(pages.Distinct());
        Assert.InRange(_log.Reads, 1, 3);
    }

    [Fact]
    public async Task Few_readers_at_once_hold_a_page_of_what_they_missed()
    {
        var options = Options.Create(new StreamOptions());
        var hub = new ChangeHub(_log.Store, _time, options, NullLogger<ChangeHub>.Instance);
        var streams = new EventStreams(_log.Store, hub, _time, options);
        _log.Add(Large(0));
        var open = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => streams.OpenAsync("0", Cancellation)));

        var next = streams.OpenAsync("0", Cancellation);
        using var atTheEnd = await streams.OpenAsync(null, Cancellation);
        Assert.False(next.IsCompleted);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var pages = open[0]!.ReadAsync(stop.Token).GetAsyncEnumerator(Cancellation);
        Assert.True(await pages.MoveNextAsync());
        Assert.False(next.IsCompleted);

        // Once the page is written the reader waits with the others for what is new, or is gone.
        var more = pages.MoveNextAsync().AsTask();
        Assert.NotNull(await next);
        Assert.All(open.Skip(1).Append(await next), stream => stream!.Dispose());
        Assert.Equal(8, Enumerable.Range(0, 9).Count(_ => hub.CatchingUp.TryEnter()));
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => more);
        open[0]!.Dispose();
        atTheEnd!.Dispose();
    }

    [Fact]
    public async Task A_reader_that_the_window_has_passed_gets_nothing_more_and_the_window_stays_small()
    {
        var hub = Hub(new StreamOptions { WindowBytes = 100_000, PageSize = 2 });
        using var place = hub.TryOpen();
        await hub.StartAsync(Cancellation);
        var first = hub.Head!.Value.Number;

        _log.Add(Enumerable.Range(0, 100).Select(Large));
        await AdvanceUntilAsync(() => hub.Head!.Value.Number == first + 50);

        Assert.Null(await hub.ReadAsync(first, Cancellation));
        Assert.NotNull(await hub.ReadAsync(first + 49, Cancellation));
        Assert.InRange(hub.HeldBytes, 1, 100_000);
    }

    [Fact]
    public async Task The_store_is_asked_less_often_while_nothing_changes_and_not_at_all_without_readers()
    {
        var hub = Hub(new StreamOptions { PollEvery = TimeSpan.FromSeconds(1), MaxPollEvery = TimeSpan.FromSeconds(8) });
        var place = hub.TryOpen()!;
        await hub.StartAsync(Cancellation);
        await AdvanceUntilAsync(() => _log.Reads == 4, TimeSpan.FromSeconds(1));
        var began = _time.GetUtcNow();

        await AdvanceUntilAsync(() => _log.Reads == 5, TimeSpan.FromSeconds(1));
        Assert.InRange((_time.GetUtcNow() - began).TotalSeconds, 5, 1_000);

        place.Dispose();
        var reads = _log.Reads;
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(reads, _log.Reads);
        Assert.Null(hub.Head);
    }

    [Fact]
    public async Task Trouble_of_the_store_loses_nothing()
    {
        var hub = Hub();
        using var place = hub.TryOpen();
        await hub.StartAsync(Cancellation);
        var next = hub.ReadAsync(hub.Head!.Value.Number, Cancellation).AsTask();
        _log.IsDown = true;
        _log.Add(StoreSamples.Record("a"));
        await AdvanceUntilAsync(() => _log.Reads > 2);
        _log.IsDown = false;

        await AdvanceUntilAsync(() => next.IsCompleted);
        Assert.Equal("a", Assert.Single((await next)!.Items).Record.Key.Id);
    }

    [Fact]
    public void There_are_so_many_places_and_each_is_given_back_once()
    {
        var hub = Hub(new StreamOptions { MaxOpen = 2 });
        var (one, two) = (hub.TryOpen(), hub.TryOpen());
        Assert.Null(hub.TryOpen());

        one!.Dispose();
        one.Dispose();

        Assert.NotNull(two);
        Assert.NotNull(hub.TryOpen());
        Assert.Null(hub.TryOpen());
    }

    private Task AdvanceUntilAsync(Func<bool> condition, TimeSpan? step = null) => Poll.UntilAsync(
        () =>
        {
            if (!condition())
            {
                _time.Advance(step ?? TimeSpan.FromSeconds(1));
            }

            return condition();
        },
        () => $"{_log.Reads} reads");
}
