using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Intake.Refusals;
using EventFunctions.Jobs;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.Administration;

public sealed class JobErasureTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(JobScenario.EveryMoment), MemberType = typeof(JobScenario))]
    public async Task Wherever_an_erasure_breaks_off_the_contents_go_and_the_story_stays(int moment)
    {
        await using var scenario = new JobScenario();
        var entity = new EntityKey("/insurance/policies", "policy-42");
        var records = new[] { EventStatus.Completed, EventStatus.Recorded, EventStatus.Failed }
            .Select((status, i) => StoreSamples.Record($"{i}", status: status, data: EventContent.FromJson("1")) with { Entity = entity, Run = i }).ToList();
        await scenario.Store.CreateAsync(records, Stop);
        await scenario.Store.CreateDataAsync(StoreSamples.FullData(records[0].Key), Stop);
        await scenario.Store.CreateDataAsync(StoreSamples.FullData(records[2].Key, run: 1), Stop);
        var filter = new EventFilter { Status = EventStatus.Open | EventStatus.Final, Source = entity.Source, Entity = entity };
        var job = await scenario.Jobs.CreateAsync(JobAction.Erase, filter, rate: 2, "key", Stop);
        var passed = 0;

        await Record.ExceptionAsync(() => scenario.TickAsync(scenario.Worker(
            () => Interlocked.Increment(ref passed) >= moment ? throw new IOException("dead") : Task.CompletedTask)));
        scenario.Time.Advance(JobScenario.Lease);
        var over = await scenario.FinishAsync(job);

        Assert.Equal((JobState.Completed, 3L, 3L), JobScenario.Summary(over));
        foreach (var record in records)
        {
            var erased = await scenario.ReadAsync(record.Key);
            Assert.Equal((true, null, record.Status), (erased.Erased, erased.Event.Data, erased.Status));
            Assert.Single(erased.Timeline, entry => entry.What == TimelineStep.Erased);
            for (var run = 0; run <= record.Run; run++)
            {
                Assert.True((await scenario.Store.ReadDataAsync(record.Key, run, Stop))!.Erased);
            }
        }
    }

    [Theory]
    [MemberData(nameof(JobScenario.EveryMoment), MemberType = typeof(JobScenario))]
    public async Task Wherever_an_erasure_breaks_off_and_is_cancelled_what_it_says_is_erased_is_gone_and_the_rest_is_whole(int moment)
    {
        await using var scenario = new JobScenario();
        var records = Enumerable.Range(0, 5)
            .Select(i => StoreSamples.Record($"{i}", status: EventStatus.Completed) with { Entity = new EntityKey("/insurance/policies", "policy-42") }).ToList();
        await scenario.Store.CreateAsync(records, Stop);
        foreach (var record in records)
        {
            await scenario.Store.CreateDataAsync(StoreSamples.FullData(record.Key), Stop);
        }

        var filter = new EventFilter { Status = EventStatus.Final, Source = "/insurance/policies", Entity = new EntityKey("/insurance/policies", "policy-42") };
        var job = await scenario.Jobs.CreateAsync(JobAction.Erase, filter, rate: 2, "key", Stop);
        var passed = 0;
        await Record.ExceptionAsync(() => scenario.TickAsync(scenario.Worker(
            () => Interlocked.Increment(ref passed) >= moment ? throw new IOException("dead") : Task.CompletedTask)));
        await scenario.Jobs.CancelAsync(job.Id, Stop);
        scenario.Time.Advance(JobScenario.Lease);
        var over = await scenario.FinishAsync(job);

        var erased = 0L;
        foreach (var record in records)
        {
            var isErased = (await scenario.ReadAsync(record.Key)).Erased;
            Assert.Equal(isErased, (await scenario.Store.ReadDataAsync(record.Key, 0, Stop))!.Erased);
            erased += isErased ? 1 : 0;
        }

        Assert.Equal(erased, over.Started);
    }

    [Fact]
    public async Task An_erasure_that_is_cancelled_ends_the_page_that_its_dead_holder_began()
    {
        await using var scenario = new JobScenario();
        var entity = new EntityKey("/insurance/policies", "policy-42");
        await scenario.Store.CreateAsync([.. Enumerable.Range(0, 5).Select(i => StoreSamples.Record($"{i}", status: EventStatus.Completed) with { Entity = entity })], Stop);
        var job = await scenario.Jobs.CreateAsync(JobAction.Erase, new EventFilter { Entity = entity }, rate: 2, "key", Stop);
        await Record.ExceptionAsync(() => scenario.TickAsync(scenario.Worker(async () =>
        {
            if ((await scenario.Jobs.ReadAsync(job.Id, Stop))!.Pending.Length > 0)
            {
                throw new IOException("dead");
            }
        })));

        await scenario.Jobs.CancelAsync(job.Id, Stop);
        var over = await scenario.FinishAsync(job);

        Assert.Equal((JobState.Cancelled, 2L, 2L), JobScenario.Summary(over));
    }

    [Fact]
    public async Task An_erasure_and_its_sweep_end_even_if_the_store_never_answers_all_calls_of_a_page()
    {
        await using var scenario = new JobScenario();
        var entity = new EntityKey("/insurance/policies", "policy-42");
        var records = Enumerable.Range(0, 20).Select(i => StoreSamples.Record($"{i}", status: EventStatus.Completed) with { Entity = entity }).ToList();
        await scenario.Store.CreateAsync(records, Stop);
        var job = await scenario.Jobs.CreateAsync(JobAction.Erase, new EventFilter { Entity = entity }, rate: 100, "key", Stop);
        var passed = 0;
        var failures = 0;
        var worker = scenario.Worker(
            () => Interlocked.Increment(ref passed) % 17 == 0 ? throw new StoreUnavailableException("busy") : Task.CompletedTask);

        for (var ticks = 0; ticks < 100 && (await scenario.Jobs.ReadAsync(job.Id, Stop))!.DueAt is not null; ticks++)
        {
            failures += await Record.ExceptionAsync(() => scenario.TickAsync(worker)) is StoreUnavailableException ? 1 : 0;
            scenario.Time.Advance(JobScenario.Lease);
        }

        var over = (await scenario.Jobs.ReadAsync(job.Id, Stop))!;
        Assert.Equal((JobState.Completed, 20L, 20L, null), (over.State, over.Matched, over.Started, over.DueAt));
        Assert.InRange(failures, 2, 100);
    }

    [Fact]
    public async Task What_an_attempt_records_after_the_erasure_of_its_event_is_erased_some_minutes_later()
    {
        await using var scenario = new JobScenario();
        var entity = new EntityKey("/insurance/policies", "policy-42");
        var record = StoreSamples.Record("1", status: EventStatus.Completed) with { Entity = entity };
        await scenario.Store.CreateAsync([record], Stop);
        var over = await scenario.FinishAsync(await scenario.Jobs.CreateAsync(JobAction.Erase, new EventFilter { Entity = entity }, rate: 10, "key", Stop));
        var now = scenario.Time.GetUtcNow();
        var late = new Delivery
        {
            Webhook = "crm",
            Id = "msg_1",
            Source = record.Key.Source,
            EventId = record.Key.Id,
            Type = "changed",
            Run = 0,
            Enriched = false,
            Status = DeliveryStatus.Delivered,
            CreatedAt = now,
            WebhookRegisteredAt = now,
            Attempts = [new DeliveryAttempt(now, 1, 200, null, "answer", null)],
        };
        await scenario.Documents.CreateAsync(DocumentContainer.Deliveries, DeliveryDocuments.Write(late, TimeSpan.FromDays(1)), Stop);

        scenario.Time.Advance(TimeSpan.FromMinutes(2));
        await scenario.TickAsync(scenario.Worker());

        var swept = await scenario.Documents.ReadAsync(DocumentContainer.Deliveries, "crm", "msg_1", Stop);
        Assert.Null(Assert.Single(DeliveryDocuments.Read(swept!).Attempts).Head);
        Assert.Null((await scenario.Jobs.ReadAsync(over.Id, Stop))!.DueAt);
    }

    [Fact]
    public async Task Refused_events_of_a_producer_that_is_gone_are_erased_where_they_name_the_entity_and_the_job_says_what_is_left()
    {
        await using var scenario = new JobScenario();
        await scenario.Store.CreateAsync([StoreSamples.Record("1", status: EventStatus.Completed) with { Entity = new EntityKey("/insurance/policies", "policy-42") }], Stop);
        var refusals = new EventRefusals(scenario.Documents, scenario.Time, Options.Create(new IntakeOptions()), new RefusalLog(scenario.Time, NullLogger<RefusalLog>.Instance));
        await refusals.RecordAsync([Refused("policy-42"), Refused("policy-43")], Stop);
        var filter = new EventFilter { Status = EventStatus.Final, Source = "/insurance/policies", Entity = new EntityKey("/insurance/policies", "policy-42") };

        // The scenario's registry knows no producer.
        var over = await scenario.FinishAsync(await scenario.Jobs.CreateAsync(JobAction.Erase, filter, rate: 10, "key", Stop));

        var left = (await refusals.ListAsync("policies", 10, null, Stop)).Items.Select(refusal => Encoding.UTF8.GetString(refusal.Body.Span)).ToList();
        Assert.Contains(left, refusal => refusal.Contains("\"erased\":true", StringComparison.Ordinal));
        Assert.DoesNotContain(left, refusal => refusal.Contains("policy-42", StringComparison.Ordinal));
        Assert.Contains(left, refusal => refusal.Contains("policy-43", StringComparison.Ordinal));
        Assert.Equal(JobState.Completed, over.State);
        Assert.StartsWith("The producer policies is no longer registered", over.Detail, StringComparison.Ordinal);

        static RefusedItem Refused(string subject) =>
            new(new ReceivedItem(Encoding.UTF8.GetBytes($$"""{"subject":"{{subject}}"}"""), null, null), "policies", []);
    }
}
