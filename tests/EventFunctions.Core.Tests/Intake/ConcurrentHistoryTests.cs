using System.Collections.Concurrent;
using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Publication;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

/// <summary>
/// What concurrent callers see of the intake over the embedded store, compared with a model: a record is created by exactly one of them, and
/// each of the others was answered after that one had begun.
/// </summary>
public sealed class ConcurrentHistoryTests : IAsyncDisposable
{
    private const int Posts = 10_000;
    private const int Events = 4;
    private const int Epochs = 3;
    private const int CallsPerEpoch = 800;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(7);

    private readonly TemporaryFolder _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 31, 8, 30, 0, TimeSpan.Zero));
    private readonly SqliteEventStore _store;
    private readonly EventIntake _intake;
    private long _now;

    public ConcurrentHistoryTests()
    {
        _store = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), _time, TimeSpan.FromDays(1), NullLogger.Instance);
        var producer = new Producer { Name = "policies", Source = "/s" };
        _intake = TestIntake.Over(_store, TestIntake.Registry(producer), TestPublisher.Over(Substitute.For<IEventPublisher>(), _time), _time);
    }

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _store.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Of_ten_thousand_identical_posts_at_once_one_is_new_and_all_others_are_repeats_of_it()
    {
        var calls = await Task.WhenAll(Enumerable.Range(0, Posts).Select(_ => Task.Run(() => PostAsync(0), Stop)));

        IsOneCreation(calls);
        Assert.Single((await _store.ListAsync(new EventQuery(), Stop)).Items);
    }

    // Between two epochs the records expire, so each epoch begins without them.
    [Fact]
    public async Task Posts_against_completions_replays_erasures_and_expiry_never_make_a_second_record_or_skip_a_run()
    {
        for (var epoch = 0; epoch < Epochs; epoch++)
        {
            var posts = new ConcurrentBag<(int Event, Call Call)>();
            var replays = new ConcurrentBag<int>();
            var erased = new ConcurrentDictionary<int, long>();
            var contents = new ConcurrentBag<(int Event, long Start, bool HasData)>();
            await Task.WhenAll(Enumerable.Range(0, CallsPerEpoch).Select(n => Task.Run(
                async () =>
                {
                    var (number, key) = (n % Events, KeyOf(n % Events));
                    switch (n / Events % 5)
                    {
                        case 0:
                            posts.Add((number, await PostAsync(number)));
                            break;
                        case 1 when await RecordAsync(key) is { } record:
                            await _store.PatchAsync(key, RecordPatch.Completed(record.Run, [Entry(TimelineStep.Completed, record.Run)], Kept), Stop);
                            break;
                        case 2 when await RecordAsync(key) is { } record:
                            if (await _store.PatchAsync(key, RecordPatch.Replayed(record.Run, Entry(TimelineStep.Replayed, record.Run + 1), _time.GetUtcNow()), Stop) == PatchOutcome.Applied)
                            {
                                replays.Add(number);
                            }

                            break;
                        case 3 when number > 0 && n > CallsPerEpoch / 2 && await RecordAsync(key) is { } record:
                            if (await _store.PatchAsync(key, RecordPatch.Erased(record.Run, Entry(TimelineStep.Erased, record.Run)), Stop) == PatchOutcome.Applied)
                            {
                                erased.TryAdd(number, Interlocked.Increment(ref _now));
                            }

                            break;
                        default:
                            var start = Interlocked.Increment(ref _now);
                            contents.Add((number, start, (await _store.ReadAsync(key, Stop))?.Event.Data is not null));
                            break;
                    }
                },
                Stop)));

            var records = (await _store.ListAsync(new EventQuery(), Stop)).Items;
            Assert.Equal(Enumerable.Range(0, Events).Select(number => KeyOf(number).Id).Order(), records.Select(record => record.Event.Id).Order());
            Assert.All(Enumerable.Range(0, Events), number => IsOneCreation([.. posts.Where(post => post.Event == number).Select(post => post.Call)]));
            Assert.All(Enumerable.Range(0, Events), number => Assert.Equal(
                replays.Count(replayed => replayed == number), records.Single(record => record.Event.Id == KeyOf(number).Id).Run));
            Assert.DoesNotContain(contents, read => read.HasData && erased.TryGetValue(read.Event, out var at) && read.Start > at);

            foreach (var record in records)
            {
                await _store.PatchAsync(record.Event.Key, RecordPatch.Completed(record.Run, [Entry(TimelineStep.Completed, record.Run)], Kept), Stop);
            }

            _time.Advance(Kept + TimeSpan.FromDays(1));
        }
    }

    private static EventKey KeyOf(int number) => new("/s", $"event-{number}");

    private TimelineEntry Entry(string what, int run) => new(_time.GetUtcNow(), what) { Run = run };

    // Exactly one call is new. A repeat that had ended before that one began would have seen a record that was not there.
    private static void IsOneCreation(IReadOnlyCollection<Call> calls)
    {
        var created = Assert.Single(calls, call => call.Verdict == IntakeVerdict.Accepted);
        Assert.All(calls, call => Assert.True(call.Verdict is IntakeVerdict.Accepted or IntakeVerdict.Duplicate));
        Assert.DoesNotContain(calls, call => call.End < created.Start);
    }

    private async Task<EventRecord?> RecordAsync(EventKey key) => await _store.ReadAsync(key, Stop);

    private async Task<Call> PostAsync(int number)
    {
        var start = Interlocked.Increment(ref _now);
        var result = await _intake.AcceptAsync([new EventNotification { Id = KeyOf(number).Id, Source = "/s", Type = "t", Data = EventContent.FromJson("""{"a":1}""") }], Stop);
        return new Call(start, Interlocked.Increment(ref _now), Assert.Single(result.Outcomes).Verdict);
    }

    private sealed record Call(long Start, long End, IntakeVerdict Verdict);
}
