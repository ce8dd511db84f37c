using EventFunctions.Webhooks;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Http.Webhooks;

/// <summary>The secrets in the settings below <c>WebhookSecrets:</c>, which in Azure may refer to Key Vault.</summary>
/// <param name="configuration">The settings.</param>
internal sealed class ConfigurationEndpointSecrets(IConfiguration configuration) : IEndpointSecrets
{
    /// <inheritdoc/>
    public bool Has(string name) => configuration["WebhookSecrets:" + name] is { Length: > 0 };
}
