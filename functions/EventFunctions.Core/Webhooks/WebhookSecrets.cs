namespace EventFunctions.Webhooks;

/// <summary>What a webhook's deliveries are signed with: while the customer changes over to a new secret, with two.</summary>
/// <param name="Current">The secret.</param>
/// <param name="Previous">The one before; null where there is none any more.</param>
/// <param name="PreviousUntil">Until when the one before signs as well; null where there is none.</param>
public sealed record WebhookSecrets(WebhookSecret Current, WebhookSecret? Previous = null, DateTimeOffset? PreviousUntil = null)
{
    /// <summary>Whether the one before still signs.</summary>
    /// <param name="now">The time.</param>
    public bool IsPreviousValid(DateTimeOffset now) => Previous is not null && now < PreviousUntil;

    /// <summary>Signs a message with every secret that is valid when it is sent.</summary>
    /// <param name="id">The message's <c>webhook-id</c>.</param>
    /// <param name="timestamp">When it is sent.</param>
    /// <param name="body">The message's body, byte for byte.</param>
    /// <returns>One or two signatures, the current secret's first.</returns>
    public IReadOnlyList<string> Sign(string id, DateTimeOffset timestamp, ReadOnlySpan<byte> body)
    {
        var current = StandardWebhookSignature.Sign(Current.Bytes, id, timestamp, body);
        return IsPreviousValid(timestamp) ? [current, StandardWebhookSignature.Sign(Previous!.Bytes, id, timestamp, body)] : [current];
    }
}

/// <summary>A change of secrets.</summary>
/// <param name="Overlap">For how long both are valid; zero ends the one before at once.</param>
/// <param name="Secret">The customer's own; null for one that the service makes.</param>
public sealed record WebhookRotation(TimeSpan Overlap, WebhookSecret? Secret = null);
