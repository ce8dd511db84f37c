using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>The service's own events about webhooks' endpoints.</summary>
internal static class EndpointNoticeEvent
{
    /// <summary>The <c>type</c> of the event that an endpoint has been failing for a part of the time after which its webhook is disabled.</summary>
    public const string FailingType = ReservedNames.OwnTypePrefix + "webhook.failing";

    /// <summary>The <c>type</c> of the event that a webhook was disabled by the service.</summary>
    public const string DisabledType = ReservedNames.OwnTypePrefix + "webhook.disabled";

    /// <summary>Creates the event of a notice; the same notice always creates the same event.</summary>
    /// <param name="webhook">The webhook's name, which is the event's subject.</param>
    /// <param name="notice">The notice.</param>
    public static EventNotification Create(string webhook, EndpointNotice notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return OwnEvent.Create(
            string.Create(CultureInfo.InvariantCulture, $"webhook-{webhook}-{notice.FailingSince.ToUnixTimeMilliseconds()}-{notice.Reason}-{notice.Percent}"),
            notice.Disables ? DisabledType : FailingType,
            webhook,
            UtcMilliseconds.Text(notice.At),
            writer =>
            {
                writer.WriteString("webhook"u8, webhook);
                writer.WriteString("reason"u8, notice.Reason);
                writer.WriteNumber("percent"u8, notice.Percent);
                writer.WriteString("failingSince"u8, UtcMilliseconds.Text(notice.FailingSince));
            });
    }
}
