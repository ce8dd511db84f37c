namespace EventFunctions.Webhooks;

/// <summary>A webhook as its document has it.</summary>
/// <param name="Webhook">The webhook.</param>
/// <param name="Stamp">Names this state of it: no other state of any webhook of this name has the same.</param>
public sealed record RegisteredWebhook(Webhook Webhook, string Stamp)
{
    /// <summary>The entity tag (RFC 9110 §8.8.3) by which clients name this state, quotes included.</summary>
    public string ETag => $"\"{Stamp}\"";
}
