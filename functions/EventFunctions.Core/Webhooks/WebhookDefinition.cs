using System.Collections.Immutable;
using EventFunctions.Filters;

namespace EventFunctions.Webhooks;

/// <summary>What an administrator says of a webhook; the rest of it is the service's.</summary>
/// <param name="Name">The name.</param>
/// <param name="Url">Where to.</param>
public sealed record WebhookDefinition(string Name, Uri Url)
{
    /// <summary>Which events are posted.</summary>
    internal WebhookEvents Events { get; init; }

    /// <summary>What an event has to be like.</summary>
    public AdvancedFilters Filters { get; init; } = AdvancedFilters.None;

    /// <summary>How the service authenticates at the endpoint beside the signature; null if it does not.</summary>
    public WebhookAuth? Auth { get; init; }

    /// <summary>The most deliveries a second; null for the default.</summary>
    public int? MaxPerSecond { get; init; }

    /// <summary>The most deliveries at the same time; null for the default.</summary>
    public int? MaxConcurrent { get; init; }

    /// <summary>How long the endpoint may take; null for the default.</summary>
    public TimeSpan? Timeout { get; init; }

    /// <summary>The content type of deliveries.</summary>
    public string ContentType { get; init; } = WebhookContentType.CloudEvents;

    /// <summary>Headers that deliveries carry beside the service's own.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = WebhookHeaders.None;

    /// <summary>When a delivery that failed is tried again.</summary>
    internal WebhookRetry Retry { get; init; } = WebhookRetry.Default;

    /// <summary>The customer's own secret; null for the present one, or one that the service makes.</summary>
    public WebhookSecret? Secret { get; init; }

    /// <summary>Whether events are posted; null leaves that as it is.</summary>
    public bool? Enabled { get; init; }

    /// <summary>The webhook that this makes.</summary>
    /// <param name="before">The webhook before; null where there is none.</param>
    /// <param name="secrets">What the deliveries are signed with.</param>
    /// <param name="now">The time.</param>
    internal Webhook Apply(Webhook? before, WebhookSecrets secrets, DateTimeOffset now)
    {
        var webhook = new Webhook
        {
            Name = Name,
            Url = Url,
            Events = Events,
            Filters = Filters,
            Auth = Auth,
            ContentType = ContentType,
            Headers = Headers,
            Retry = Retry,
            Secrets = secrets,
            RegisteredAt = before?.RegisteredAt ?? now,
            ActiveSince = before is not null && before.Url == Url ? before.ActiveSince : now,
            DisabledReason = before?.DisabledReason,
            DisabledAt = before?.DisabledAt,
        };
        webhook = webhook with
        {
            MaxPerSecond = MaxPerSecond ?? webhook.MaxPerSecond,
            MaxConcurrent = MaxConcurrent ?? webhook.MaxConcurrent,
            Timeout = Timeout ?? webhook.Timeout,
        };
        return Enabled switch
        {
            true when !webhook.Enabled => webhook.EnabledAt(now),
            false when webhook.Enabled => webhook with { DisabledReason = WebhookDisabledReason.Operator, DisabledAt = now },
            _ => webhook,
        };
    }
}
