using EventFunctions.Composition;
using EventFunctions.Producers;
using EventFunctions.Producers.Registry;
using EventFunctions.Schemas;
using Microsoft.Extensions.Configuration;

namespace EventFunctions.Tests.Producers;

/// <summary>A registry of producers that stand in settings, without a store.</summary>
internal sealed class SettingsRegistry(FixedProducers producers) : IProducerRegistry
{
    public static SettingsRegistry Read(IConfiguration settings, ISchemaCompiler schemas) => new(new FixedProducers(ConfiguredProducers.Read(settings, schemas)));

    public ValueTask<Producer?> FindBySourceAsync(string source, CancellationToken cancellationToken) => new(producers.FindBySource(source));

    public ValueTask<Producer?> FindByNameAsync(string name, CancellationToken cancellationToken) => new(producers.FindByName(name));

    public ValueTask<Producer?> FindKnownByNameAsync(string name, CancellationToken cancellationToken) => new(producers.FindByName(name));

    public ValueTask<Producer?> FindByKeyAsync(string key, CancellationToken cancellationToken) => new((Producer?)null);

    public ValueTask<bool> RequiresKeyAsync(string name, CancellationToken cancellationToken) => new(false);

    public ValueTask<IReadOnlyList<Producer>> ListAsync(CancellationToken cancellationToken) => new(producers.All);
}
