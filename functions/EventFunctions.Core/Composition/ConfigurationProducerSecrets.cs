using EventFunctions.Producers;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Composition;

/// <summary>The secrets in the settings below <c>ProducerSecrets:</c>, which in Azure may refer to Key Vault.</summary>
/// <param name="configuration">The settings.</param>
internal sealed class ConfigurationProducerSecrets(IConfiguration configuration) : IProducerSecrets
{
    /// <inheritdoc/>
    public string? Find(string name) => configuration["ProducerSecrets:" + name] is { Length: > 0 } secret ? secret : null;
}
