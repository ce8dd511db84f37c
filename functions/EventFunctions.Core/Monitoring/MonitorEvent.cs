using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Monitoring;

/// <summary>The service's own events about producers.</summary>
internal static class MonitorEvent
{
    /// <summary>The <c>type</c> of the event that an expected event did not come.</summary>
    public const string MissingType = ReservedNames.OwnTypePrefix + "monitoring.missing";

    /// <summary>The <c>type</c> of the event that it comes again.</summary>
    public const string ResumedType = ReservedNames.OwnTypePrefix + "monitoring.resumed";

    /// <summary>Creates the event of a notice; the same notice always creates the same event.</summary>
    /// <param name="expectation">What was expected.</param>
    /// <param name="entity">Of which entity; null for none.</param>
    /// <param name="notice">The notice.</param>
    public static EventNotification Create(Expectation expectation, EntityKey? entity, MonitorNotice notice)
    {
        ArgumentNullException.ThrowIfNull(expectation);
        ArgumentNullException.ThrowIfNull(notice);
        return OwnEvent.Create(notice.Id, notice.Type, expectation.Producer, notice.Time, writer =>
        {
            writer.WriteString("producer"u8, expectation.Producer);
            writer.WriteString("source"u8, entity?.Source ?? expectation.Source);
            writer.WriteString("type"u8, expectation.Type);
            CloudEventJson.WriteOptional(writer, "subject"u8, entity?.Subject);
            writer.WriteString("expectEvery"u8, TimeSpan.FromTicks(notice.EveryTicks).ToString("c", CultureInfo.InvariantCulture));
            CloudEventJson.WriteOptional(writer, "lastRecordedAt"u8, notice.LastAt);
            writer.WriteString("expectedBy"u8, notice.ExpectedBy);
            CloudEventJson.WriteOptional(writer, "resumedAt"u8, notice.ResumedAt);
        });
    }
}
