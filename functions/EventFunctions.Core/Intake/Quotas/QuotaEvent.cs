using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Intake.Quotas;

/// <summary>The service's own event about a producer that exceeds its quota.</summary>
internal static class QuotaEvent
{
    /// <summary>The <c>type</c> of the event.</summary>
    public const string ExceededType = ReservedNames.OwnTypePrefix + "quota.exceeded";

    /// <summary>Creates the event of one minute; every instance creates the same one.</summary>
    /// <param name="producer">The producer, which is the event's subject.</param>
    /// <param name="eventsPerMinute">Its quota.</param>
    /// <param name="minute">The beginning of the minute.</param>
    public static EventNotification Create(Producer producer, int eventsPerMinute, DateTimeOffset minute)
    {
        ArgumentNullException.ThrowIfNull(producer);
        return OwnEvent.Create(
            string.Create(CultureInfo.InvariantCulture, $"quota-{producer.Name}-{minute.ToUnixTimeMilliseconds()}"),
            ExceededType,
            producer.Name,
            UtcMilliseconds.Text(minute),
            writer =>
            {
                writer.WriteString("producer"u8, producer.Name);
                writer.WriteString("source"u8, producer.Source);
                writer.WriteNumber("eventsPerMinute"u8, eventsPerMinute);
            });
    }
}
