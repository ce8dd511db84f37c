using EventFunctions.Entities;
using EventFunctions.Intake;
using EventFunctions.Intake.Quotas;
using EventFunctions.Intake.Steps;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Schemas;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using EventFunctions.Telemetry.Health;
using EventFunctions.Tests.Telemetry;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

/// <summary>Builds intake over the ports of a test.</summary>
internal static class TestIntake
{
    public static ProducerQuotas Quotas(CoalescingPublisher publisher, TimeProvider time, EventMetrics? metrics = null) => new(
        time,
        Options.Create(new QuotaOptions()),
        new QuotaNotices(new MinuteNotices(new OwnEventPublisher(publisher, Substitute.For<IOwnEventDispatch>()), time, NullLogger<MinuteNotices>.Instance), NullLogger<QuotaNotices>.Instance),
        metrics ?? TestMetrics.Create());

    /// <summary>Builds intake with default options.</summary>
    public static EventIntake Over(
        IEventStore store,
        IProducerRegistry producers,
        CoalescingPublisher publisher,
        TimeProvider time,
        ILogger<EventIntake>? log = null,
        EventMetrics? metrics = null,
        IDocumentStore? documents = null,
        StoreHealth? health = null,
        RefusalLog? refusals = null)
    {
        var options = Options.Create(new IntakeOptions());
        metrics ??= TestMetrics.Create();
        return new EventIntake(
            producers,
            Quotas(publisher, time, metrics),
            new IntakeRules(new EventPreparation(new JsonSchemas()), Anywhere()),
            new RecordingStep(store, options, new RetentionPolicy(null, null), health ?? new StoreHealth(store, time, NullLogger<StoreHealth>.Instance)),
            new LinkingStep(new EntityLinks(documents ?? Substitute.For<IDocumentStore>())),
            new FirstPublicationStep(store, publisher, time, options, NullLogger<FirstPublicationStep>.Instance),
            new IntakeReport(metrics, refusals ?? new RefusalLog(time, NullLogger<RefusalLog>.Instance), time, log ?? NullLogger<EventIntake>.Instance),
            time,
            options);
    }

    /// <summary>Builds a registry of fixed producers.</summary>
    public static IProducerRegistry Registry(params Producer[] producers)
    {
        var registry = Substitute.For<IProducerRegistry>();
        foreach (var producer in producers)
        {
            registry.FindBySourceAsync(producer.Source, Arg.Any<CancellationToken>()).Returns(producer);
        }

        return registry;
    }

    /// <summary>Builds a port that allows every address.</summary>
    public static IDataAddresses Anywhere()
    {
        var addresses = Substitute.For<IDataAddresses>();
        addresses.Refusal(null!).ReturnsForAnyArgs((string?)null);
        return addresses;
    }

    /// <summary>Takes in posted events.</summary>
    public static Task<IntakeResult> AcceptAsync(this EventIntake intake, IReadOnlyList<CloudEvents.EventNotification> events, CancellationToken cancellationToken) =>
        intake.AcceptAsync(new IntakeRequest(events, IntakeChannel.Post), cancellationToken);
}
