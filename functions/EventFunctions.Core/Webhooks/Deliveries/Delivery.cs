using System.Buffers.Binary;
using System.Buffers.Text;
using System.Collections.Immutable;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;

namespace EventFunctions.Webhooks.Deliveries;

/// <summary>Where a delivery stands.</summary>
public enum DeliveryStatus
{
    /// <summary>It is to be tried, for the first time or again.</summary>
    Pending,

    /// <summary>The endpoint has answered 2xx.</summary>
    Delivered,

    /// <summary>Failed: it is not retried unless it is requested again; see <see cref="DeliveryReason"/>.</summary>
    Failed,

    /// <summary>Dropped: its event or its webhook no longer exists; see <see cref="DeliveryReason"/>.</summary>
    Abandoned,
}

/// <summary>Why a delivery is tried no more.</summary>
internal static class DeliveryReason
{
    /// <summary>It was tried as often as the schedule has it.</summary>
    public const string Exhausted = "exhausted";

    /// <summary>The endpoint answered that it is gone for good (410).</summary>
    public const string Gone = "gone";

    /// <summary>The webhook is disabled.</summary>
    public const string Disabled = "disabled";

    /// <summary>The webhook was deleted.</summary>
    public const string Deleted = "deleted";

    /// <summary>The event's record or data has expired.</summary>
    public const string Expired = "expired";

    /// <summary>The event's content was erased.</summary>
    public const string Erased = "erased";
}

/// <summary>
/// The delivery of one event to one webhook. It is the source of truth; queue messages only reference it. It does not contain the payload,
/// which each attempt builds again from immutable data.
/// </summary>
public sealed record Delivery
{
    /// <summary>The most attempts that are kept; the oldest are only counted.</summary>
    public const int MaxAttempts = 20;

    private const int TimeBytes = 6;
    private const int HashBytes = 10;

    /// <summary>The webhook's name.</summary>
    [JsonIgnore]
    public string Webhook { get; init; } = "";

    /// <summary>The <c>webhook-id</c>, the same for every attempt: <c>msg_</c>, the event's time, and a hash of webhook, event, run and kind.</summary>
    [JsonIgnore]
    public string Id { get; init; } = "";

    /// <summary>The event's <c>source</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The <c>id</c> of the event that its producer sent.</summary>
    public required string EventId { get; init; }

    /// <summary>The <c>type</c> of the delivered event.</summary>
    public required string Type { get; init; }

    /// <summary>The event's run.</summary>
    public required int Run { get; init; }

    /// <summary>Whether the enriched event is delivered, or the one that its producer sent.</summary>
    public required bool Enriched { get; init; }

    /// <summary>The identity of the delivered event.</summary>
    [JsonIgnore]
    public EventKey Delivered => Enriched ? Key with { Id = EventEncoder.EnrichedId(EventId, Run) } : Key;

    /// <summary>Where it stands.</summary>
    public required DeliveryStatus Status { get; init; }

    /// <summary>When it was recorded.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When the webhook was registered that this is for: who registers its name later is not posted this.</summary>
    public required DateTimeOffset WebhookRegisteredAt { get; init; }

    /// <summary>When the next attempt is due; null if there is none.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>
    /// When it is requeued if nothing else happens. A message with another time is stale. Null if no attempt is to follow.
    /// </summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>How often it was queued again since the last sign of a message.</summary>
    public int Requeued { get; init; }

    /// <summary>Since when its message is missing, by the time at which the message was due; null if it is not known to be lost.</summary>
    public DateTimeOffset? LostSince { get; init; }

    /// <summary>How often in a row its event or webhook was not found.</summary>
    public int Looks { get; init; }

    /// <summary>The number of attempts since it was recorded or last requested.</summary>
    public int Tries { get; init; }

    /// <summary>How often it was tried at all.</summary>
    public int Attempted { get; init; }

    /// <summary>The newest attempts, oldest first.</summary>
    public ImmutableArray<DeliveryAttempt> Attempts { get; init; } = [];

    /// <summary>Why it is tried no more, one of <see cref="DeliveryReason"/>.</summary>
    public string? Reason { get; init; }

    /// <summary>The job that made it; null where the event's own coming did.</summary>
    public string? Job { get; init; }

    /// <summary>Whether the event was erased: what an endpoint answers may repeat it, and is no longer kept.</summary>
    public bool Erased { get; init; }

    /// <summary>The event.</summary>
    [JsonIgnore]
    public EventKey Key => new(Source, EventId);

    /// <summary>Whether no attempt is to come.</summary>
    [JsonIgnore]
    public bool IsOver => Status != DeliveryStatus.Pending;

    /// <summary>Returns the ID of a delivery, which is the same for every attempt to create it.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="key">The event.</param>
    /// <param name="run">The event's run.</param>
    /// <param name="enriched">Whether the enriched event is delivered.</param>
    /// <param name="at">When the event was recorded, or its data fetched: IDs of one time lie side by side in a store.</param>
    internal static string IdOf(Webhook webhook, EventKey key, int run, bool enriched, DateTimeOffset at)
    {
        // The names of webhooks, times and the hash have no line breaks, and what follows the last is of this place alone.
        var name = string.Create(
            CultureInfo.InvariantCulture, $"{webhook.Name}\n{UtcMilliseconds.Text(webhook.RegisteredAt)}\n{key.SourceHash}\n{key.Id}\n{(enriched ? "enriched" : "event")}:{run}");
        Span<byte> id = stackalloc byte[sizeof(long) + SHA256.HashSizeInBytes];
        BinaryPrimitives.WriteInt64BigEndian(id, at.ToUnixTimeMilliseconds());
        SHA256.HashData(Encoding.UTF8.GetBytes(name), id[sizeof(long)..]);
        return "msg_" + Base64Url.EncodeToString(id.Slice(sizeof(long) - TimeBytes, TimeBytes + HashBytes));
    }

    /// <summary>The delivery with an attempt more.</summary>
    /// <param name="attempt">The attempt.</param>
    public Delivery With(DeliveryAttempt attempt) => Erased && attempt is { Head: not null } ? With(attempt with { Head = null }) : this with
    {
        Tries = Tries + 1,
        Attempted = Attempted + 1,
        Requeued = 0,
        LostSince = null,
        Looks = 0,
        Attempts = Attempts.Length < MaxAttempts ? Attempts.Add(attempt) : [.. Attempts[^(MaxAttempts - 1)..], attempt],
    };

    /// <summary>Returns the delivery without what endpoints answered.</summary>
    public Delivery WithoutAnswers() => this with { Erased = true, Attempts = [.. Attempts.Select(attempt => attempt with { Head = null })] };

    /// <summary>Returns the finished delivery.</summary>
    /// <param name="status">How it ended.</param>
    /// <param name="reason">Why, where it was not delivered.</param>
    public Delivery Over(DeliveryStatus status, string? reason = null) =>
        this with { Status = status, Reason = reason, NextAt = null, DueAt = null, Requeued = 0, LostSince = null };
}

/// <summary>One attempt to deliver.</summary>
/// <param name="At">When it began.</param>
/// <param name="DurationMs">How long it took, in milliseconds.</param>
/// <param name="Status">The HTTP status; null where no answer came.</param>
/// <param name="Fault">What went wrong beside the status, one of <see cref="WebhookFault"/>.</param>
/// <param name="Head">The beginning of the answer's body, as text.</param>
/// <param name="NextAt">When the next attempt was to follow; null where none was.</param>
public sealed record DeliveryAttempt(DateTimeOffset At, long DurationMs, int? Status, string? Fault, string? Head, DateTimeOffset? NextAt);
