using System.Collections.Frozen;
using EventFunctions.Ports;
using EventFunctions.Producers;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions;

/// <summary>The producers that the configuration section <c>Producers</c> lists, read and validated as a whole at start.</summary>
public sealed class ConfigurationProducerRegistry : IProducerRegistry
{
    /// <summary>The name of the section: an array of producers.</summary>
    public const string SectionName = "Producers";

    private readonly FrozenDictionary<string, Producer> _byName;
    private readonly FrozenDictionary<string, Producer> _bySource;

    /// <summary>Reads the producers.</summary>
    /// <param name="configuration">The settings; without the section there are no producers.</param>
    /// <exception cref="OptionsValidationException">Anything is wrong with any of them; it lists everything.</exception>
    public ConfigurationProducerRegistry(IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        var failures = new List<string>();
        var producers = new List<Producer>();
        foreach (var section in configuration.GetSection(SectionName).GetChildren())
        {
            var definition = Read(section, failures);
            var producer = ProducerValidator.Validate(definition, out var errors);
            failures.AddRange(errors.Select(error => $"{string.Join(':', [section.Path, .. error.Path])}: {error.Detail}"));
            if (producer is not null)
            {
                CheckUnique(section.Path, producer, producers, failures);
                producers.Add(producer);
            }
        }

        if (failures.Count > 0)
        {
            throw new OptionsValidationException(SectionName, typeof(ProducerDefinition), failures);
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
    public ValueTask<IReadOnlyList<Producer>> ListAsync(CancellationToken cancellationToken) => ValueTask.FromResult(Producers);

    private static void CheckUnique(string path, Producer producer, List<Producer> others, List<string> failures)
    {
        if (others.Exists(other => other.Name == producer.Name))
        {
            failures.Add($"{path}:name: There is another producer called \"{producer.Name}\".");
        }

        if (others.Find(other => other.Source == producer.Source) is { } owner)
        {
            failures.Add($"{path}:source: The producer \"{owner.Name}\" has this source already.");
        }
    }

    private static ProducerDefinition Read(IConfigurationSection section, List<string> failures)
    {
        CheckNames(section, failures, "name", "source", "data", "types");
        foreach (var type in section.GetSection("types").GetChildren())
        {
            CheckNames(type, failures);
        }

        return new ProducerDefinition
        {
            Name = section["name"],
            Source = section["source"],
            Data = ReadData(section.GetSection("data"), failures),
            Types = [.. section.GetSection("types").GetChildren().Select(type => type.Key)],
        };
    }

    private static ProducerDataDefinition? ReadData(IConfigurationSection section, List<string> failures)
    {
        if (!section.Exists())
        {
            return null;
        }

        CheckNames(section, failures, "baseUrl", "template", "auth", "timeout", "maxBytes");
        var auth = section.GetSection("auth");
        CheckNames(auth, failures, "kind", "header", "secret", "scope");
        return new ProducerDataDefinition
        {
            BaseUrl = section["baseUrl"],
            Template = section["template"],
            Auth = !auth.Exists() ? null : new ProducerAuthDefinition
            {
                Kind = auth["kind"],
                Header = auth["header"],
                Secret = auth["secret"],
                Scope = auth["scope"],
            },
            Timeout = section["timeout"],
            MaxBytes = section["maxBytes"],
        };
    }

    private static void CheckNames(IConfigurationSection section, List<string> failures, params string[] known) =>
        failures.AddRange(section.GetChildren()
            .Where(child => !known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            .Select(child => $"{child.Path}: There is no such property{(known.Length == 0 ? "" : "; there are " + string.Join(", ", known))}."));
}
