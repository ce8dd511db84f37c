namespace EventFunctions.Webhooks;

/// <summary>Knows where webhooks may lead.</summary>
public interface IWebhookAddresses
{
    /// <summary>Checks a URL's scheme and host without a network call. The addresses of a name are checked when it is connected.</summary>
    /// <param name="url">An absolute http or https URL.</param>
    /// <returns>What is wrong; null where nothing is.</returns>
    string? Refusal(Uri url);
}
