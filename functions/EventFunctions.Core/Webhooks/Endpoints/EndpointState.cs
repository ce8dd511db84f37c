using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>The health of a webhook's endpoint: one document beside the webhook's own, which every instance reads.</summary>
public sealed record EndpointState
{
    /// <summary>The ID of the document; its partition is the webhook's name.</summary>
    public const string Id = "endpoint";

    private static readonly TimeSpan NoticeClaim = TimeSpan.FromMinutes(1);

    /// <summary>Which state of the webhook this is about, by its <see cref="Webhook.ActiveSince"/>.</summary>
    public DateTimeOffset ActiveSince { get; init; }

    /// <summary>Since when every attempt has failed; null where the last one did not.</summary>
    public DateTimeOffset? FailingSince { get; init; }

    /// <summary>How often in a row the endpoint was left alone.</summary>
    public int Breaks { get; init; }

    /// <summary>Until when no delivery is attempted; after that, one attempt of each instance finds out whether the endpoint is back. Null if the endpoint is not left alone.</summary>
    public DateTimeOffset? BreakUntil { get; init; }

    /// <summary>How much of the time after which the webhook is disabled was said to be over, in per cent.</summary>
    public int ShownPercent { get; init; }

    /// <summary>The notice to publish and to apply before the next one.</summary>
    public EndpointNotice? Notice { get; init; }

    /// <summary>When another instance may take over the notice; null if there is none.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>Whether nothing is known of any failure.</summary>
    [JsonIgnore]
    public bool IsHealthy => FailingSince is null && BreakUntil is null && Breaks == 0;

    /// <summary>Whether this is about a webhook as it is, and not as it was before it was registered or enabled anew, or led elsewhere.</summary>
    /// <param name="webhook">The webhook. One that this instance has not read anew yet does not count as another.</param>
    public bool IsOf(Webhook webhook)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        return ActiveSince >= webhook.ActiveSince;
    }

    /// <summary>Returns the state that is about a webhook as it is: this one, or a healthy one, which still has this one's notice.</summary>
    /// <param name="webhook">The webhook.</param>
    public EndpointState For(Webhook webhook)
    {
        ArgumentNullException.ThrowIfNull(webhook);
        return IsOf(webhook) ? this : new EndpointState { ActiveSince = webhook.ActiveSince, Notice = Notice, DueAt = DueAt };
    }

    /// <summary>The state after an attempt that succeeded.</summary>
    public EndpointState Recovered() => this with { FailingSince = null, Breaks = 0, BreakUntil = null, ShownPercent = 0 };

    /// <summary>Returns the state with a notice to publish, which another instance may take over after a while.</summary>
    /// <param name="notice">The notice.</param>
    public EndpointState With(EndpointNotice notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        return this with { Notice = notice, ShownPercent = notice.Percent, DueAt = notice.At + NoticeClaim };
    }

    /// <summary>
    /// Returns the state after a notice was published. If the notice disabled the webhook, the state is reset for the time when it is
    /// enabled again.
    /// </summary>
    /// <param name="notice">The notice.</param>
    public EndpointState? Without(EndpointNotice notice)
    {
        ArgumentNullException.ThrowIfNull(notice);
        var settled = this with { Notice = null, DueAt = null };
        return Notice != notice ? null : notice.Disables ? settled.Recovered() : settled;
    }
}

/// <summary>Something to be published about an endpoint; the same notice always makes the same event.</summary>
/// <param name="At">When it was noticed.</param>
/// <param name="Percent">How much of the time after which the webhook is disabled is over; 100 means that it is disabled.</param>
/// <param name="Reason">Why it is disabled, or will be: one of <see cref="WebhookDisabledReason"/>.</param>
/// <param name="FailingSince">Since when every attempt has failed.</param>
public sealed record EndpointNotice(DateTimeOffset At, int Percent, string Reason, DateTimeOffset FailingSince)
{
    /// <summary>Whether the webhook is disabled.</summary>
    [JsonIgnore]
    public bool Disables => Percent >= 100;
}

/// <summary>The documents of endpoints.</summary>
internal static class EndpointDocuments
{
    private static readonly EndpointContext Context = new(new JsonSerializerOptions(DocumentJson.Options) { TypeInfoResolver = null });

    public static Document Write(string webhook, EndpointState state) =>
        new(webhook, EndpointState.Id, JsonSerializer.SerializeToUtf8Bytes(state, Context.EndpointState));

    public static EndpointState Read(StoredDocument document) =>
        JsonSerializer.Deserialize(document.Body.Span, Context.EndpointState) ?? throw new JsonException("An endpoint is null.");
}

/// <summary>The contract of the documents, worked out by the compiler.</summary>
[JsonSerializable(typeof(EndpointState))]
internal sealed partial class EndpointContext : JsonSerializerContext;
