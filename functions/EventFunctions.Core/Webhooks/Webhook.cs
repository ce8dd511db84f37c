using System.Collections.Immutable;
using EventFunctions.Filters;

namespace EventFunctions.Webhooks;

/// <summary>A customer's endpoint, to which events are posted.</summary>
public sealed record Webhook
{
    /// <summary>The shortest <see cref="Timeout"/>.</summary>
    public static readonly TimeSpan MinTimeout = TimeSpan.FromSeconds(1);

    /// <summary>The longest <see cref="Timeout"/>.</summary>
    public static readonly TimeSpan MaxTimeout = TimeSpan.FromSeconds(30);

    /// <summary>The <see cref="Timeout"/> of a webhook that sets none: waiting is billed.</summary>
    public static readonly TimeSpan DefaultTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The most deliveries a second that may be asked for.</summary>
    public const int MaxPerSecondLimit = 1_000;

    /// <summary>The most deliveries at the same time that may be asked for.</summary>
    public const int MaxConcurrentLimit = 32;

    /// <summary>The name: 1 to 63 lower-case letters, digits and hyphens.</summary>
    public required string Name { get; init; }

    /// <summary>Where to: an absolute URL without user information and fragment.</summary>
    public required Uri Url { get; init; }

    /// <summary>Which events are posted.</summary>
    internal WebhookEvents Events { get; init; }

    /// <summary>What an event has to be like, looked at as it would be posted; all filters must hold.</summary>
    public AdvancedFilters Filters { get; init; } = AdvancedFilters.None;

    /// <summary>How the service authenticates at the endpoint beside the signature; null if it does not.</summary>
    public WebhookAuth? Auth { get; init; }

    /// <summary>The most deliveries a second from each instance: 1 to <see cref="MaxPerSecondLimit"/>.</summary>
    public int MaxPerSecond { get; init; } = 50;

    /// <summary>The most deliveries at the same time from each instance: 1 to <see cref="MaxConcurrentLimit"/>.</summary>
    public int MaxConcurrent { get; init; } = 4;

    /// <summary>How long the endpoint may take for its answer: <see cref="MinTimeout"/> to <see cref="MaxTimeout"/>.</summary>
    public TimeSpan Timeout { get; init; } = DefaultTimeout;

    /// <summary>The content type of deliveries, one of <see cref="WebhookContentType"/>.</summary>
    public string ContentType { get; init; } = WebhookContentType.CloudEvents;

    /// <summary>Headers that deliveries carry beside the service's own.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = WebhookHeaders.None;

    /// <summary>When a delivery that failed is tried again.</summary>
    internal WebhookRetry Retry { get; init; } = WebhookRetry.Default;

    /// <summary>What deliveries are signed with.</summary>
    public required WebhookSecrets Secrets { get; init; }

    /// <summary>When it was registered: one that is deleted and registered again is another.</summary>
    public DateTimeOffset RegisteredAt { get; init; }

    /// <summary>
    /// Since when it receives events at this URL: when it was last registered or enabled, or its URL changed. Earlier results of the
    /// endpoint do not count.
    /// </summary>
    public DateTimeOffset ActiveSince { get; init; }

    /// <summary>Why nothing is posted, one of <see cref="WebhookDisabledReason"/>; null while it is.</summary>
    public string? DisabledReason { get; init; }

    /// <summary>Since when nothing is posted; null while it is.</summary>
    public DateTimeOffset? DisabledAt { get; init; }

    /// <summary>Whether events are posted.</summary>
    public bool Enabled => DisabledReason is null;

    /// <summary>The webhook when it is enabled.</summary>
    /// <param name="now">When.</param>
    internal Webhook EnabledAt(DateTimeOffset now) => this with { DisabledReason = null, DisabledAt = null, ActiveSince = now };
}

/// <summary>Which events a webhook is posted.</summary>
internal enum WebhookEvents
{
    /// <summary>Enriched events: with the producer's full data.</summary>
    Enriched,

    /// <summary>Events as their producers sent them.</summary>
    Thin,

    /// <summary>Both, each as an event of its own.</summary>
    Both,
}

/// <summary>What deliveries may say that they are. The body is the same.</summary>
internal static class WebhookContentType
{
    /// <summary>A structured CloudEvent, the default.</summary>
    public const string CloudEvents = "application/cloudevents+json";

    /// <summary>JSON, for frameworks that parse no other bodies.</summary>
    public const string Json = "application/json";
}

/// <summary>Why a webhook is disabled.</summary>
internal static class WebhookDisabledReason
{
    /// <summary>The endpoint answered that it is gone for good (410).</summary>
    public const string Gone = "gone";

    /// <summary>The endpoint failed for too long.</summary>
    public const string Failing = "failing";

    /// <summary>An administrator wants it so.</summary>
    public const string Operator = "operator";
}
