using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Enrichment;
using EventFunctions.Entities;
using EventFunctions.Intake;
using EventFunctions.Intake.Refusals;
using EventFunctions.Jobs;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Administration;

/// <summary>Jobs over the embedded store, worked on by as many as a test wants, each of whom can be stopped anywhere.</summary>
internal sealed class JobScenario : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    public JobScenario()
    {
        Store = new SqliteEventStore(new SqliteDatabase(_folder.File("events.db"), StoreSchema.Migrations), Time, TimeSpan.FromHours(1), NullLogger.Instance);
        Documents = new SqliteDocumentStore(Store);
        Jobs = new EventJobs(Documents, Store, Time, Options.Create(Settings));
        Rate = new RepublishRate(Time, Settings.MaxRate);
    }

    public FakeTimeProvider Time { get; } = new(StoreSamples.Start.AddDays(1));

    public SqliteEventStore Store { get; }

    public IDocumentStore Documents { get; }

    public EventJobs Jobs { get; }

    /// <summary>What all workers share, as if they were of one instance.</summary>
    public RepublishRate Rate { get; }

    public static JobOptions Settings { get; } = new() { MaxActive = 3, MaxRate = 10 };

    /// <summary>The calls of a store during three pages, and all that is written between, each of which a holder may not survive.</summary>
    public static TheoryData<int> EveryMoment => [.. Enumerable.Range(1, 40)];

    public static TimeSpan Lease { get; } = new JobOptions().LeaseTime;

    public static EventFilter Failures { get; } = new() { Status = EventStatus.Failure, Dismissed = false };

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async Task<List<EventKey>> FailAsync(int count)
    {
        var records = Enumerable.Range(0, count)
            .Select(i => StoreSamples.Record($"{i}", status: EventStatus.Failed, at: StoreSamples.Start.AddMinutes(i))).ToList();
        await Store.CreateAsync(records, Stop);
        return records.ConvertAll(record => record.Key);
    }

    /// <summary>Somebody who works on jobs, in a process of their own.</summary>
    /// <param name="pass">Runs before and after each call of a store; null lets all pass.</param>
    public JobRunner Worker(Func<Task>? pass = null)
    {
        var store = pass is null ? Store : Interruptions.Of<IEventStore>(Store, pass);
        var documents = pass is null ? Documents : Interruptions.Of<IDocumentStore>(Documents, pass);
        var deliveries = new DeliveryStore(
            documents, Substitute.For<IMessageQueue>(), Time, Options.Create(new DeliveryOptions()), NullLogger<DeliveryStore>.Instance);
        var producers = Substitute.For<IProducerRegistry>();
        producers.ListAsync(Stop).ReturnsForAnyArgs([]);
        return new JobRunner(
            new EventJobs(documents, store, Time, Options.Create(Settings)),
            new JobWork(
                store,
                new EntityLinks(documents),
                producers,
                new EventRefusals(documents, Time, Options.Create(new IntakeOptions()), new RefusalLog(Time, NullLogger<RefusalLog>.Instance)),
                Time,
                Options.Create(new EnrichmentOptions()),
                [],
                new DeliveryErasure(documents, deliveries),
                new MissedDeliveries(
                    new WebhookRegistry(documents, Options.Create(new RegistryOptions()), Time, NullLogger<WebhookRegistry>.Instance),
                    store,
                    deliveries,
                    Options.Create(new EnrichmentOptions()))),
            store,
            Rate,
            Time,
            Options.Create(Settings),
            NullLogger<JobRunner>.Instance);
    }

    /// <summary>Lets time pass for as long as a tick takes.</summary>
    public async Task TickAsync(JobRunner worker)
    {
        var tick = worker.RunAsync(Settings.TickBudget, Stop);
        while (!tick.IsCompleted)
        {
            Time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.WhenAny(tick, Task.Delay(TimeSpan.FromMilliseconds(1), Stop));
        }

        await tick;
    }

    /// <summary>Somebody works until the job is over.</summary>
    public async Task<EventJob> FinishAsync(EventJob job)
    {
        for (var ticks = 0; ticks < 20; ticks++)
        {
            await TickAsync(Worker());
            if (await Jobs.ReadAsync(job.Id, Stop) is { IsOver: true } over)
            {
                return over;
            }

            Time.Advance(Lease);
        }

        throw new InvalidOperationException("The job does not end.");
    }

    public static (JobState State, long Matched, long Started) Summary(EventJob job) => (job.State, job.Matched, job.Started);

    public async Task<EventRecord> ReadAsync(EventKey key) => (await Store.ReadAsync(key, Stop))!;

    public async ValueTask DisposeAsync()
    {
        await Store.DisposeAsync();
        _folder.Dispose();
    }
}
