namespace EventFunctions.Webhooks;

/// <summary>Knows where webhooks may lead.</summary>
public interface IWebhookAddresses
{
    /// <summary>
    /// Says what can be said against a URL's scheme and host without asking anybody. What a name resolves to shows only when
    /// it is dialled, and is checked then.
    /// </summary>
    /// <param name="url">An absolute http or https URL.</param>
    /// <returns>What is wrong; null where nothing is.</returns>
    string? Refusal(Uri url);
}
