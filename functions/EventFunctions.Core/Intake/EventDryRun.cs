using EventFunctions.CloudEvents;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Intake;

/// <summary>Tells what would happen to an event, with nothing stored, published or fetched: a dry run of a producer's rules.</summary>
/// <param name="preparation">Works out the rules, as intake does.</param>
public sealed class EventDryRun(EventPreparation preparation)
{
    /// <summary>Tries an event.</summary>
    /// <param name="producer">The producer whose event it is meant to be.</param>
    /// <param name="notification">A valid event.</param>
    public DryRunResult Run(Producer producer, EventNotification notification)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(notification);
        var errors = new List<IntakeRefusal>();
        if (notification.Source != producer.Source)
        {
            Refuse(RefusalReason.UnknownSource, "source", $"The producer \"{producer.Name}\" owns the source \"{producer.Source}\".");
        }

        if (producer.Types.Count > 0 && !producer.Types.ContainsKey(notification.Type))
        {
            Refuse(RefusalReason.TypeNotAllowed, "type", $"The producer \"{producer.Name}\" may not send the type \"{notification.Type}\".");
        }

        if (!EventEncoder.Fits(EventEncoder.Encode(notification, run: 0)))
        {
            Refuse(RefusalReason.TooLarge, null, $"The event has more than {IEventPublisher.MaxBytes} bytes when published.");
        }

        var prepared = preparation.Prepare(producer, notification);
        foreach (var error in prepared.Errors)
        {
            Refuse(RefusalReason.SchemaViolation, "data" + error.Pointer, error.Detail);
        }

        var (url, noUrl) = prepared.WouldEnrich ? FindData(producer, notification) : (null, null);
        return new DryRunResult(notification, errors, prepared, url, noUrl);

        void Refuse(RefusalReason reason, string? attribute, string detail) => errors.Add(new IntakeRefusal(0, reason, attribute, detail));
    }

    private static (Uri? Url, string? Why) FindData(Producer producer, EventNotification notification)
    {
        try
        {
            var place = DataLocation.Find(producer, new DeliveredEvent
            {
                Id = notification.Id,
                Source = notification.Source,
                Type = notification.Type,
                Subject = notification.Subject,
                DataRef = notification.DataRef,
            });
            return (place, place is null && notification.Data is null
                ? $"{FailureReason.NoDataLocation}: The event has no data, and nothing says where it is."
                : null);
        }
        catch (FetchException e)
        {
            return (null, $"{e.Reason}: {e.Message}");
        }
    }
}

/// <summary>What would happen to an event.</summary>
/// <param name="Event">The event.</param>
/// <param name="Refusals">Why it would be refused; empty where it would be recorded.</param>
/// <param name="Prepared">What the producer's rules make of it.</param>
/// <param name="DataUrl">Where its full data would be fetched; null where it would not be, or the event carries it.</param>
/// <param name="NoData">Why its full data could not be fetched, where the rules want it to be.</param>
public sealed record DryRunResult(EventNotification Event, IReadOnlyList<IntakeRefusal> Refusals, PreparedEvent Prepared, Uri? DataUrl, string? NoData);
