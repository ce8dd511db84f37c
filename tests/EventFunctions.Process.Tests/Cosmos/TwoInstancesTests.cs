using EventFunctions.Administration;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Enrichment;
using EventFunctions.Intake;
using EventFunctions.Intake.Feeds;
using EventFunctions.Jobs;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Http;
using EventFunctions.Tests.Stores;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.Cosmos;

/// <summary>What two instances on one database cost, counted, and that what they do twice has the effect of once.</summary>
public sealed class TwoInstancesTests(CosmosAccount account)
{
    private const string Source = "/tests/two";
    private const int Events = 12;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_both_take_in_relay_and_enrich_at_once_happens_once_and_is_published_twice_at_most()
    {
        await using var producer = await StubProducer.StartAsync();
        await using var both = await TwoInstances.StartAsync(account, producer.Registration(Source));
        var events = Enumerable.Range(1, Events).Select(n => new EventNotification { Id = $"e{n}", Source = Source, Type = "thing.changed", Subject = $"e{n}" }).ToList();

        // The topic is down while both take the same events in.
        both.Topic.IsDown = true;
        var results = await both.BothAsync<EventIntake, IntakeResult>(intake => intake.AcceptAsync(new IntakeRequest(events, IntakeChannel.Post), Stop));
        var verdicts = results.SelectMany(result => result.Outcomes).CountBy(outcome => outcome.Verdict).ToDictionary();
        Assert.Equal((Events, Events), (verdicts[IntakeVerdict.Accepted], verdicts[IntakeVerdict.Duplicate]));
        Assert.Equal(2 * Events, both.CountRequests()["POST"]);

        both.Topic.IsDown = false;
        await Poll.UntilAsync(
            async () =>
            {
                await both.BothAsync<EventRelay, RelayTick>(relay => relay.RunAsync(Stop));
                return both.Topic.Taken.Count == Events;
            },
            () => $"{both.Topic.Taken.Count} relayed");
        await both.BothAsync<EventRelay, RelayTick>(relay => relay.RunAsync(Stop));
        Assert.All(both.Topic.Taken, copies => Assert.InRange(copies.Value.Count, 1, 2));
        Assert.InRange(both.CountRequests()["PATCH"], Events, 3 * Events);

        // Each copy is delivered to both at once.
        await both.BothAsync<EventEnrichment>(enrichment => DeliverAllAsync(enrichment, events));
        var requests = both.CountRequests();
        Assert.All(events, one => Assert.InRange(producer.Fetches[one.Id], 1, 2));
        Assert.All(events, one => Assert.Single(both.Topic.Taken[one.Id + ":enriched"].Distinct()));
        Assert.All(events, one => Assert.InRange(both.Topic.Taken[one.Id + ":enriched"].Count, 1, 2));

        // The data item and the entity's link, from one or from both.
        Assert.InRange(requests["POST"], 2 * Events, 4 * Events);
        Assert.InRange(requests["PATCH"], Events, 2 * Events);
        foreach (var one in events)
        {
            var record = (await both.There<IEventStore>().ReadAsync(new EventKey(Source, one.Id), Stop))!;
            Assert.Equal((EventStatus.Completed, 0), (record.Status, record.Run));
            Assert.Single(record.Timeline, entry => entry.What == TimelineStep.Completed);
        }

        // Once more costs a read each, and nothing else.
        both.CountRequests();
        var fetches = producer.Fetches.Values.Sum();
        await both.BothAsync<EventEnrichment>(enrichment => DeliverAllAsync(enrichment, events));
        Assert.Equal(["GET"], both.CountRequests().Keys);
        Assert.Equal(fetches, producer.Fetches.Values.Sum());
    }

    [Fact]
    public async Task Both_work_on_one_job_as_one_would_and_each_event_gets_one_run()
    {
        await using var both = await TwoInstances.StartAsync(account);
        var records = Enumerable.Range(0, 20)
            .Select(i => StoreSamples.Record($"f{i}", status: EventStatus.Failed, at: DateTimeOffset.UtcNow.AddMinutes(-i - 1))).ToList();
        await both.Here<IEventStore>().CreateAsync(records, Stop);
        var job = await both.Here<EventJobs>().CreateAsync(JobAction.Replay, new EventFilter { Status = EventStatus.Failure, Dismissed = false }, rate: 10, "key", Stop);
        both.CountRequests();

        job = await FinishAsync(both, job.Id);

        var requests = both.CountRequests();
        Assert.Equal((20L, 20L, 0L), (job.Matched, job.Started, job.Skipped));
        Assert.Equal(20, requests["PATCH"]);

        // The lease, two pages, and the end; and what the other one tried.
        Assert.InRange(requests["PUT"], 4, 6);
        foreach (var record in records)
        {
            var replayed = (await both.There<IEventStore>().ReadAsync(record.Key, Stop))!;
            Assert.Equal((EventStatus.Recorded, 1), (replayed.Status, replayed.Run));
            Assert.Single(replayed.Timeline, entry => entry.What == TimelineStep.Replayed);
        }

        await both.BothAsync<EventRelay, RelayTick>(relay => relay.RunAsync(Stop));
        Assert.Equal(20, both.Topic.Taken.Count);
        Assert.All(both.Topic.Taken.Values, copies => Assert.InRange(copies.Count, 1, 2));
        Assert.All(both.Topic.Taken.Values, copies => Assert.Contains("\"replay\":", copies.First(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task What_one_erases_the_other_does_not_have()
    {
        await using var both = await TwoInstances.StartAsync(account);
        var entity = new EntityKey("/insurance/policies", "policy-42");
        var records = Enumerable.Range(0, 3)
            .Select(i => StoreSamples.Record($"s{i}", status: EventStatus.Completed, data: EventContent.FromJson("\"secret\""), at: DateTimeOffset.UtcNow.AddMinutes(-1)) with { Entity = entity }).ToList();
        await both.Here<IEventStore>().CreateAsync(records, Stop);
        await both.Here<IEventStore>().CreateDataAsync(StoreSamples.FullData(records[0].Key), Stop);
        var job = await both.Here<EventJobs>().CreateAsync(
            JobAction.Erase, new EventFilter { Status = EventStatus.Open | EventStatus.Final, Source = entity.Source, Entity = entity }, rate: 50, "key", Stop);

        job = await FinishAsync(both, job.Id);

        Assert.Equal(3, job.Started);
        foreach (var record in records)
        {
            var erased = (await both.There<IEventStore>().ReadAsync(record.Key, Stop))!;
            Assert.Equal((true, null), (erased.Erased, erased.Event.Data));
            var data = (await both.There<IEventStore>().ReadDataAsync(record.Key, 0, Stop))!;
            Assert.Equal((true, 0), (data.Erased, data.Content.Bytes.Length));
        }
    }

    [Fact]
    public async Task A_producer_that_one_registers_is_read_by_both_as_by_one_until_the_other_takes_it_away()
    {
        await using var feed = await StubServer.StartAsync(AnswerAsync);
        await using var both = await TwoInstances.StartAsync(account);
        var registered = await both.Here<ProducerAdministration>().PutAsync(
            new Producer
            {
                Name = "feed",
                Source = Source,
                Data = new ProducerData { BaseUrl = feed.Url },
                Feed = new ProducerFeed { Url = new Uri(feed.Url, "events"), Schedule = "0 0 0 1 1 *" },
            },
            new Precondition(),
            "somebody",
            Stop);
        Assert.Equal(ProducerVerdict.Created, registered.Verdict);
        await Poll.UntilAsync(async () => await both.There<IProducerRegistry>().FindBySourceAsync(Source, Stop) is not null, () => "The producer is not seen.");
        both.CountRequests();

        await both.BothAsync<FeedPull>(pull => pull.RunAsync(new FeedsOptions().TickBudget, Stop));
        await both.BothAsync<FeedPull>(pull => pull.RunAsync(new FeedsOptions().TickBudget, Stop));

        // Three pages, and the end. The feed's document is created once, whoever else tries, and moves with each page.
        Assert.Equal(4, feed.Requests.Count);
        var requests = both.CountRequests();
        Assert.InRange(requests["POST"], 31, 32);
        Assert.InRange(requests["PUT"], 4, 6);
        var records = await both.There<IEventStore>().ListAsync(new EventQuery { Limit = 100 }, Stop);
        Assert.Equal(Enumerable.Range(1, 30).Select(n => $"f{n}").Order(), records.Items.Select(record => record.Key.Id).Order());
        Assert.Equal(30, both.Topic.Taken.Count);
        Assert.All(both.Topic.Taken.Values, copies => Assert.Single(copies));

        Assert.Equal(ProducerVerdict.Deleted, (await both.There<ProducerAdministration>().DeleteAsync("feed", new Precondition { IfMatch = ["*"] }, "another", Stop)).Verdict);
        await Poll.UntilAsync(async () => await both.Here<IProducerRegistry>().FindBySourceAsync(Source, Stop) is null, () => "The producer is still there.");
    }

    private static Task DeliverAllAsync(EventEnrichment enrichment, List<EventNotification> events) => Task.WhenAll(events.Select(one =>
        enrichment.EnrichAsync(new DeliveredEvent { Id = one.Id, Source = one.Source, Type = one.Type, Subject = one.Subject }, Stop)));

    private static async Task<EventJob> FinishAsync(TwoInstances both, string id)
    {
        var job = default(EventJob);
        await Poll.UntilAsync(
            async () =>
            {
                await both.BothAsync<JobRunner>(runner => runner.RunAsync(new JobOptions().TickBudget, Stop));
                job = await both.There<EventJobs>().ReadAsync(id, Stop);
                return job!.IsOver;
            },
            () => $"{job}");
        Assert.Equal(JobState.Completed, job!.State);
        return job;
    }

    private static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentType = "application/cloudevents-batch+json";
        var last = context.Request.Query["lastEventId"].ToString() is { Length: > 1 } id ? int.Parse(id[1..], System.Globalization.CultureInfo.InvariantCulture) : 0;
        var page = Enumerable.Range(last + 1, Math.Min(10, 30 - last))
            .Select(n => $$"""{"specversion":"1.0","id":"f{{n}}","source":"{{Source}}","type":"t","subject":"s","data":1}""");
        return context.Response.WriteAsync($"[{string.Join(',', page)}]");
    }
}
