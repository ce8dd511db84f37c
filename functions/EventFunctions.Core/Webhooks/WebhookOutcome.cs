namespace EventFunctions.Webhooks;

/// <summary>What became of a change to a webhook.</summary>
/// <param name="Verdict">What became of it.</param>
public sealed record WebhookOutcome(WebhookVerdict Verdict)
{
    /// <summary>The webhook as it is now; null where there is none.</summary>
    public RegisteredWebhook? Webhook { get; init; }

    /// <summary>The webhook's entity tag before; null where there was none.</summary>
    public string? ETagBefore { get; init; }

    /// <summary>The secret that was made, which is told this once; null where none was.</summary>
    public WebhookSecret? NewSecret { get; init; }
}

/// <summary>What may become of a change to a webhook.</summary>
public enum WebhookVerdict
{
    /// <summary>The webhook is new.</summary>
    Created,

    /// <summary>The webhook is another than before.</summary>
    Changed,

    /// <summary>The webhook was like that already.</summary>
    Unchanged,

    /// <summary>The webhook is gone.</summary>
    Deleted,

    /// <summary>There is no such webhook.</summary>
    NotFound,

    /// <summary>The state is another than the client thinks.</summary>
    PreconditionFailed,

    /// <summary>The client does not say which state it means to change.</summary>
    PreconditionRequired,

    /// <summary>The secret before the current one is still valid: there are never three.</summary>
    StillRotating,
}
