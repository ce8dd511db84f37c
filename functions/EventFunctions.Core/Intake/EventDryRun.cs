using EventFunctions.CloudEvents;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Publication;

namespace EventFunctions.Intake;

/// <summary>Shows what would happen to an event, without storing, publishing or fetching anything.</summary>
public sealed class EventDryRun(IntakeRules rules, CoalescingPublisher publisher)
{
    /// <summary>Applies all rules of intake to an event.</summary>
    /// <param name="producer">The producer that the event should belong to.</param>
    /// <param name="notification">A valid event.</param>
    public DryRunResult Run(Producer producer, EventNotification notification)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(notification);
        var item = new IntakeItem(0, notification) { Producer = producer };
        item.Encode(publisher.Topic);
        using var span = item.Span;
        rules.ApplyAll(item, new IntakeRequest([notification], IntakeChannel.DryRun));
        var prepared = item.Prepared!;

        // The rules have seen to it that there is a URL, or none is needed.
        var isFetched = prepared.WouldEnrich && !item.IsRejected;
        var url = isFetched ? DataLocation.Find(producer, DeliveredEvent.Of(notification)) : null;
        return new DryRunResult(notification, item.Refusals, prepared, url);
    }
}

/// <summary>Describes what would happen to an event.</summary>
/// <param name="Event">The event.</param>
/// <param name="Refusals">Why it would be rejected; empty if it would be recorded.</param>
/// <param name="Prepared">What the producer's rules make of it.</param>
/// <param name="DataUrl">The URL of its full data; null if it would not be fetched, or the event carries it.</param>
public sealed record DryRunResult(EventNotification Event, IReadOnlyList<IntakeRefusal> Refusals, PreparedEvent Prepared, Uri? DataUrl);
