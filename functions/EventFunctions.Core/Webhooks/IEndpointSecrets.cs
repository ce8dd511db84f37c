namespace EventFunctions.Webhooks;

/// <summary>Knows which secrets of customers' endpoints the settings have.</summary>
public interface IEndpointSecrets
{
    /// <summary>Returns whether a secret is set.</summary>
    /// <param name="name">The name below <c>WebhookSecrets:</c>.</param>
    bool Has(string name);
}
