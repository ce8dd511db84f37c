using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Publication;

/// <summary>Reports events that fail: all of them in the log, and those that failed for good on the topic, so that a team can be called.</summary>
/// <param name="log">The log.</param>
/// <param name="notices">Publishes, for each source and reason at most one event per minute.</param>
public sealed class FailureNotices(FailureLog log, MinuteNotices notices)
{
    /// <summary>The <c>type</c> of the event that an event failed for good.</summary>
    public const string FailedType = ReservedNames.OwnTypePrefix + "event.failed";

    private const int HashBytes = 16;

    /// <summary>Reports an attempt that failed and is repeated.</summary>
    /// <param name="key">The event.</param>
    /// <param name="reason">One of <see cref="FailureReason"/>, or an error's name.</param>
    /// <param name="detail">What went wrong.</param>
    public void AttemptFailed(EventKey key, string reason, string detail)
    {
        log.Record($"an attempt to enrich an event of {key.Source}, which is repeated ({reason})", $"Event {key.Id}: {detail}");
    }

    /// <summary>Reports that an event failed for good.</summary>
    /// <param name="key">The event.</param>
    /// <param name="reason">One of <see cref="FailureReason"/>.</param>
    /// <param name="detail">What went wrong; it is logged only.</param>
    public void FailedForGood(EventKey key, string reason, string detail)
    {
        log.Record($"an event of {key.Source} for good ({reason})", $"Event {key.Id}: {detail}");
        notices.Publish($"{FailedType} {reason} {key.Source}", minute => Create(key, reason, minute));
    }

    private static EventNotification Create(EventKey key, string reason, DateTimeOffset minute)
    {
        var cause = SHA256.HashData(Encoding.UTF8.GetBytes($"{reason} {key.Source}")).AsSpan(0, HashBytes);
        return OwnEvent.Create(
            string.Create(CultureInfo.InvariantCulture, $"failed-{Base64Url.EncodeToString(cause)}-{minute.ToUnixTimeMilliseconds()}"),
            FailedType,
            key.Source,
            UtcMilliseconds.Text(minute),
            writer =>
            {
                writer.WriteString("source"u8, key.Source);
                writer.WriteString("reason"u8, reason);
            });
    }
}
