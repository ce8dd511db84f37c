namespace EventFunctions.Webhooks;

/// <summary>The outcome of a change to a webhook.</summary>
/// <param name="Verdict">What became of it.</param>
public sealed record WebhookOutcome(WebhookVerdict Verdict)
{
    /// <summary>The webhook after the change; null if it does not exist.</summary>
    public RegisteredWebhook? Webhook { get; init; }

    /// <summary>The webhook's entity tag before the change; null if it did not exist.</summary>
    public string? ETagBefore { get; init; }

    /// <summary>The new secret, which is shown only in this response; null without a new secret.</summary>
    public WebhookSecret? NewSecret { get; init; }
}

/// <summary>What may become of a change to a webhook.</summary>
public enum WebhookVerdict
{
    /// <summary>The webhook is new.</summary>
    Created,

    /// <summary>The webhook was changed.</summary>
    Changed,

    /// <summary>The webhook was like that already.</summary>
    Unchanged,

    /// <summary>The webhook is gone.</summary>
    Deleted,

    /// <summary>The webhook does not exist.</summary>
    NotFound,

    /// <summary>The precondition failed: the webhook was changed or does not exist.</summary>
    PreconditionFailed,

    /// <summary>The precondition failed: the webhook exists, and the client excludes that.</summary>
    AlreadyExists,

    /// <summary>The client does not say which state it means to change.</summary>
    PreconditionRequired,

    /// <summary>The secret before the current one is still valid: there are never three.</summary>
    StillRotating,
}
