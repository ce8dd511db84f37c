using System.Collections.Immutable;
using System.Text.Json;
using CsCheck;
using EventFunctions.Preparation;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;

namespace EventFunctions.Tests.Preparation.Entities;

public sealed class EntityProjectionTests : IAsyncDisposable
{
    private readonly EntityScenario _scenario = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_entity_tells_when_it_was_seen_how_often_of_which_type_and_what_came_last()
    {
        await _scenario.TakeAsync(
            EntityScenario.Record("1", type: "created", minute: 0),
            EntityScenario.Record("2", type: "renewed", minute: 1, completedRun: 0),
            EntityScenario.Record("3", type: "renewed", minute: 2),
            EntityScenario.Record("other", subject: "43", minute: 3));

        var entity = await _scenario.ReadAsync();

        Assert.Equal(("2026-03-01T12:00:00.000Z", "2026-03-01T12:02:00.000Z"), (entity.FirstSeen, entity.LastSeen));
        Assert.Equal([new("created", 1), new("renewed", 2)], entity.Counts);
        Assert.Equal(["1", "3"], entity.Latest.Values.Select(latest => latest.Id));
        Assert.Equal(("2", 0), (entity.Data!.Id, entity.Data.Run));
    }

    [Fact]
    public async Task What_came_last_is_told_by_the_events_own_time_then_by_when_it_was_recorded_then_by_its_id()
    {
        await _scenario.TakeAsync(
            EntityScenario.Record("late", minute: 9, time: "2026-03-01T12:00:00Z"),
            EntityScenario.Record("early", minute: 1, time: "2026-03-01T14:00:00.0000001+01:00"),
            EntityScenario.Record("a", type: "y", minute: 1),
            EntityScenario.Record("c", type: "y", minute: 1),
            EntityScenario.Record("b", type: "y", minute: 1));

        var entity = await _scenario.ReadAsync();

        Assert.Equal("early", entity.Latest["x"].Id);
        Assert.Equal("c", entity.Latest["y"].Id);
        Assert.Equal("2026-03-01T12:09:00.000Z", entity.LastSeen);
    }

    [Fact]
    public async Task A_replay_that_completes_takes_the_place_of_the_data_before_and_one_that_does_not_leaves_it()
    {
        await _scenario.TakeAsync(EntityScenario.Record("1", completedRun: 0));
        var replayed = EntityScenario.Record("1", completedRun: 0) with { Status = EventStatus.Failed, Run = 1 };
        await _scenario.TakeAsync(replayed);
        Assert.Equal(0, (await _scenario.ReadAsync()).Data!.Run);

        await _scenario.TakeAsync(EntityScenario.Record("1", completedRun: 1));
        await _scenario.TakeAsync(replayed);

        Assert.Equal(1, (await _scenario.ReadAsync()).Data!.Run);
    }

    [Fact]
    public async Task What_is_erased_is_not_referred_to_and_stays_so_whatever_comes_late()
    {
        var records = new[] { EntityScenario.Record("1", minute: 1, completedRun: 0), EntityScenario.Record("2", minute: 2, completedRun: 0) };
        await _scenario.TakeAsync(records);
        await _scenario.TakeAsync(EntityScenario.Record("1", minute: 1, completedRun: 0, erased: true), EntityScenario.Record("2", minute: 2, completedRun: 0, erased: true));
        Assert.Null((await _scenario.ReadAsync()).Data);

        await _scenario.TakeAsync(records);
        Assert.Null((await _scenario.ReadAsync()).Data);
        Assert.Equal("2", (await _scenario.ReadAsync()).Latest["x"].Id);

        await _scenario.TakeAsync(EntityScenario.Record("3", minute: 3, completedRun: 0));
        Assert.Equal("3", (await _scenario.ReadAsync()).Data!.Id);
    }

    [Fact]
    public async Task An_event_recorded_after_an_erasure_is_referred_to_though_what_was_erased_happened_later()
    {
        await _scenario.TakeAsync(EntityScenario.Record("future", minute: 1, time: "2030-01-01T00:00:00Z", completedRun: 0), EntityScenario.Record("after", minute: 2, completedRun: 0));
        Assert.Equal("future", (await _scenario.ReadAsync()).Data!.Id);

        await _scenario.TakeAsync(EntityScenario.Record("future", minute: 1, time: "2030-01-01T00:00:00Z", completedRun: 0, erased: true));

        Assert.Equal("after", (await _scenario.ReadAsync()).Data!.Id);
    }

    [Fact]
    public async Task An_event_that_is_about_nothing_belongs_to_no_entity()
    {
        await _scenario.TakeAsync(EntityScenario.Record("1") with { Entity = null });

        Assert.Null(await _scenario.Lookup.ReadAsync(new EntityKey("/s", "42"), Cancellation));
    }

    [Fact]
    public async Task Changes_that_change_nothing_known_write_no_summary()
    {
        await _scenario.TakeAsync(EntityScenario.Record("1"));
        var etag = (await SummaryAsync())!.ETag;

        await _scenario.TakeAsync(EntityScenario.Record("1"));
        Assert.Equal(etag, (await SummaryAsync())!.ETag);

        await _scenario.TakeAsync(EntityScenario.Record("1", completedRun: 0));
        Assert.NotEqual(etag, (await SummaryAsync())!.ETag);
    }

    [Fact]
    public async Task An_event_that_was_counted_when_a_crash_left_out_its_link_is_linked_and_not_counted_again()
    {
        await _scenario.TakeAsync(EntityScenario.Record("1"));
        _scenario.Documents.FailOnce(after: 1, takesEffect: false);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => _scenario.TakeAsync(EntityScenario.Record("2")));
        await _scenario.TakeAsync(EntityScenario.Record("3"));
        Assert.Equal((3, 2), ((await _scenario.ReadAsync()).Counts["x"], await LinksAsync()));

        await _scenario.TakeAsync(EntityScenario.Record("2"));

        Assert.Equal((3, 3), ((await _scenario.ReadAsync()).Counts["x"], await LinksAsync()));
    }

    [Fact]
    public async Task An_event_of_an_entity_with_many_costs_no_more_than_one_of_an_entity_with_few()
    {
        var few = await CostAsync(2);
        var many = await CostAsync(1_500);

        Assert.Equal(few, many);

        async Task<(int Reads, int Writes)> CostAsync(int events)
        {
            await _scenario.TakeAsync(Enumerable.Range(0, events).Select(i => EntityScenario.Record($"{i}", subject: $"with {events}")));
            await _scenario.TakeAsync(EntityScenario.Record("next", subject: $"with {events}"));
            var (reads, writes) = (_scenario.Documents.Reads, _scenario.Documents.Writes);
            await _scenario.TakeAsync(EntityScenario.Record("last", subject: $"with {events}"));
            Assert.Equal(events + 2, (await _scenario.ReadAsync($"with {events}")).Counts["x"]);
            return (_scenario.Documents.Reads - reads, _scenario.Documents.Writes - writes);
        }
    }

    private async Task<int> LinksAsync() =>
        (await _scenario.Documents.QueryAsync(
            new DocumentQuery(DocumentContainer.Entities) { Partition = new EntityKey("/s", "42").Id, Limit = 1_000 }, Cancellation))
        .Items.Count(document => document.Id.StartsWith("link-", StringComparison.Ordinal));

    private Task<StoredDocument?> SummaryAsync() =>
        _scenario.Documents.ReadAsync(DocumentContainer.Entities, new EntityKey("/s", "42").Id, "entity-1", Cancellation);

    // Some events, the states in which each was seen, and how they come: in batches that overlap, out of order, broken off.
    private static readonly Gen<(EventRecord[][] Batches, (int After, bool TakesEffect)[] Faults)> Story =
        from events in Gen.Select(Gen.Int[0, 2], Gen.Int[0, 1], Gen.Int[0, 3], Gen.Int[0, 2], Gen.Bool, (subject, type, minute, run, erased) => (subject, type, minute, run, erased)).Array[1, 12]
        from order in Gen.Int[0, (events.Length * 3) - 1].Array[0, 30]
        from sizes in Gen.Int[1, 6].Array[1, 5]
        from faults in Gen.Select(Gen.Int[0, 8], Gen.Bool).Array[0, 4]
        select (Batches([.. order.Concat(Enumerable.Range(0, events.Length).Select(i => i * 3)).Select(i => Seen(events[i / 3], i / 3, i % 3))], sizes), faults);

    // An event's last state is the first: erased, where it ever is.
    private static EventRecord Seen((int Subject, int Type, int Minute, int Run, bool Erased) one, int number, int state)
    {
        var run = one.Run - state;
        return EntityScenario.Record(
            $"{number}", $"{one.Subject}", $"type{one.Type}", one.Minute, number % 2 == 0 ? null : $"2026-01-0{one.Minute + 1}T00:00:00Z", completedRun: run < 0 ? null : run, erased: one.Erased && state == 0);
    }

    private static EventRecord[][] Batches(EventRecord[] seen, int[] sizes)
    {
        List<EventRecord[]> batches = [];
        for (var (at, i) = (0, 0); at < seen.Length; at += sizes[i++ % sizes.Length])
        {
            batches.Add(seen[at..Math.Min(seen.Length, at + sizes[i % sizes.Length])]);
        }

        return [.. batches];
    }

    [Fact]
    public async Task In_any_order_with_any_repetition_and_any_crash_the_documents_are_the_same() =>
        await Story.SampleAsync(
            async story =>
            {
                await using var orderly = new EntityScenario();
                foreach (var newest in story.Batches.SelectMany(batch => batch).GroupBy(record => record.Event.Id))
                {
                    await orderly.TakeAsync(newest.MaxBy(record => record.Timeline.Length)!);
                }

                await using var disorderly = new EntityScenario();
                var faults = new Queue<(int After, bool TakesEffect)>(story.Faults);
                foreach (var batch in story.Batches)
                {
                    await UntilItSucceedsAsync(disorderly, faults, batch);
                }

                var entities = Enumerable.Range(0, 3).Select(i => new EntityKey("/s", $"{i}")).ToList();
                Assert.Equal(await orderly.DumpAsync(1, entities), await disorderly.DumpAsync(1, entities));
            },
            iter: 40,
            threads: 1);

    private static async Task UntilItSucceedsAsync(EntityScenario scenario, Queue<(int After, bool TakesEffect)> faults, EventRecord[] batch)
    {
        while (true)
        {
            if (faults.TryDequeue(out var fault))
            {
                scenario.Documents.FailOnce(fault.After, fault.TakesEffect);
            }

            try
            {
                await scenario.TakeAsync(batch);
                return;
            }
            catch (StoreUnavailableException)
            {
            }
        }
    }

    [Fact]
    public async Task Instances_that_write_one_entity_at_once_count_every_event()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(instance => Task.Run(async () =>
        {
            for (var i = 0; i < 10; i++)
            {
                await _scenario.TakeAsync(EntityScenario.Record($"{instance}-{i}"));
            }
        })));

        Assert.Equal(80, (await _scenario.ReadAsync()).Counts["x"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_that_another_instance_takes_between_any_two_steps_is_counted(bool isNew)
    {
        for (var step = 0; step < 8; step++)
        {
            var subject = $"{step}";
            await _scenario.TakeAsync(isNew ? [] : [EntityScenario.Record("first", subject)]);
            var left = step;
            _scenario.Documents.Before = async () =>
            {
                if (left-- == 0)
                {
                    await _scenario.TakeAsync(EntityScenario.Record("other", subject));
                }
            };
            await _scenario.TakeAsync(EntityScenario.Record("one", subject));
            Assert.True(left < 0 || step > 3);
            _scenario.Documents.Before = () => Task.CompletedTask;

            Assert.Equal((isNew ? 2 : 3) - (left < 0 ? 0 : 1), (await _scenario.ReadAsync(subject)).Counts["x"]);
        }
    }

    [Fact]
    public async Task What_is_no_record_is_passed_by_and_what_can_never_be_read_is_noted_and_holds_nothing_up()
    {
        var record = EntityScenario.Record("1");
        await _scenario.Changes.TakeAsync(
            [
                JsonElement.Parse(DocumentJson.Write(StoreSamples.FullData(record.Key))),
                JsonElement.Parse("""{"id":"check","kind":"check"}"""u8),
                JsonElement.Parse("""{"id":"event-x","kind":"event","eventId":"bad","source":"/s","status":"unheard of"}"""u8),
                JsonElement.Parse("[]"u8),
                EntityScenario.Json(record),
            ],
            Cancellation);

        Assert.Equal(1, (await _scenario.ReadAsync()).Counts["x"]);
        var notes = await NotesAsync();
        Assert.Equal(2, notes.Count);
        Assert.Contains(notes, note => note.Contains("\"eventId\":\"bad\"", StringComparison.Ordinal) && note.Contains("\"by\":\"changes\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_entity_that_can_never_be_written_is_noted_and_takes_no_other_with_it()
    {
        _scenario.Documents.IsHopeless = document => document.Id == "entity-1" && document.Partition == new EntityKey("/s", "bad").Id;

        await _scenario.TakeAsync(EntityScenario.Record("1", subject: "bad"), EntityScenario.Record("2"));

        Assert.Equal(1, (await _scenario.ReadAsync()).Counts["x"]);
        Assert.Contains("\"eventId\":\"1\"", Assert.Single(await NotesAsync()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_event_that_can_never_be_taken_is_noted_and_takes_no_other_of_its_entity_with_it()
    {
        _scenario.Documents.IsHopeless = document =>
            document.Id == "entity-1" && System.Text.Encoding.UTF8.GetString(document.Body.Span).Contains("\"bad\":", StringComparison.Ordinal);

        await _scenario.TakeAsync(Enumerable.Range(0, 9).Select(i => EntityScenario.Record($"{i}", type: i is 3 or 8 ? "bad" : "good")));

        Assert.Equal([new("good", 7)], (await _scenario.ReadAsync()).Counts);
        var notes = await NotesAsync();
        Assert.Equal(2, notes.Count);
        Assert.Contains(notes, note => note.Contains("\"eventId\":\"3\"", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("\"eventId\":\"8\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_store_that_is_away_fails_the_batch_so_that_it_comes_again()
    {
        _scenario.Documents.FailOnce(1, takesEffect: false);

        await Assert.ThrowsAsync<StoreUnavailableException>(() => _scenario.TakeAsync(EntityScenario.Record("1"), EntityScenario.Record("2", subject: "43")));
        await _scenario.TakeAsync(EntityScenario.Record("1"), EntityScenario.Record("2", subject: "43"));

        Assert.Equal(ImmutableSortedDictionary<string, long>.Empty.Add("x", 1), (await _scenario.ReadAsync()).Counts);
        Assert.Empty(await NotesAsync());
    }

    private async Task<List<string>> NotesAsync() =>
        [.. (await _scenario.Documents.QueryAsync(new DocumentQuery(DocumentContainer.State) { Partition = UnprocessableEvents.Partition }, Cancellation))
            .Items.Select(note => System.Text.Encoding.UTF8.GetString(note.Body.Span))];

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();
}
