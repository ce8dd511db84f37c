using System.Collections.Frozen;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions.Composition;

/// <summary>The producers that the configuration section <c>Producers</c> lists, read and validated as a whole at start.</summary>
public sealed class ConfigurationProducerRegistry : IProducerRegistry
{
    /// <summary>The name of the section: an array of producers.</summary>
    public const string SectionName = "Producers";

    private readonly FrozenDictionary<string, Producer> _byName;
    private readonly FrozenDictionary<string, Producer> _bySource;

    /// <summary>Reads the producers.</summary>
    /// <param name="configuration">The settings; without the section there are no producers.</param>
    /// <param name="schemas">Checks the schemas of their types.</param>
    /// <exception cref="OptionsValidationException">Anything is wrong with any of them; it lists everything.</exception>
    public ConfigurationProducerRegistry(IConfiguration configuration, ISchemaCompiler schemas)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var reader = new ProducerReader(schemas);
        var failures = new List<string>();
        var producers = new List<Producer>();
        foreach (var section in configuration.GetSection(SectionName).GetChildren())
        {
            var producer = reader.ReadSettings(SettingsJson.Of(section), out var errors);
            failures.AddRange(errors.Select(error => $"{section.Path}{PathOf(error.Pointer)}: {error.Detail}"));
            if (producer is not null)
            {
                CheckUnique(section.Path, producer, producers, failures);
                producers.Add(producer);
            }
        }

        if (failures.Count > 0)
        {
            throw new OptionsValidationException(SectionName, typeof(Producer), failures);
        }

        Producers = [.. producers.OrderBy(producer => producer.Name, StringComparer.Ordinal)];
        _byName = producers.ToFrozenDictionary(producer => producer.Name, StringComparer.Ordinal);
        _bySource = producers.ToFrozenDictionary(producer => producer.Source, StringComparer.Ordinal);
    }

    /// <summary>All producers, in the order of their names.</summary>
    public IReadOnlyList<Producer> Producers { get; }

    /// <inheritdoc/>
    public ValueTask<Producer?> FindBySourceAsync(string source, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_bySource.GetValueOrDefault(source));

    /// <inheritdoc/>
    public ValueTask<Producer?> FindByNameAsync(string name, CancellationToken cancellationToken) =>
        ValueTask.FromResult(_byName.GetValueOrDefault(name));

    /// <inheritdoc/>
    public ValueTask<Producer?> FindKnownByNameAsync(string name, CancellationToken cancellationToken) => FindByNameAsync(name, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Producer?> FindByKeyAsync(string key, CancellationToken cancellationToken) => ValueTask.FromResult<Producer?>(null);

    /// <inheritdoc/>
    public ValueTask<bool> RequiresKeyAsync(string name, CancellationToken cancellationToken) => ValueTask.FromResult(false);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<Producer>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Producers);

    private static void CheckUnique(string path, Producer producer, List<Producer> others, List<string> failures)
    {
        if (others.Exists(other => other.Name == producer.Name))
        {
            failures.Add($"{path}:name: Another producer has the name \"{producer.Name}\".");
        }

        if (others.Find(other => other.Source == producer.Source) is { } owner)
        {
            failures.Add($"{path}:source: The producer \"{owner.Name}\" already has this source.");
        }
    }

    // The setting's name, as people set it: "#/data/baseUrl" is ":data:baseUrl".
    private static string PathOf(string pointer) => Uri.UnescapeDataString(pointer[1..])
        .Replace('/', ':')
        .Replace("~1", "/", StringComparison.Ordinal)
        .Replace("~0", "~", StringComparison.Ordinal);
}
