using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace EventFunctions.Composition;

/// <summary>The producers that the configuration section <c>Producers</c> lists, read and validated as a whole at start.</summary>
internal static class ConfiguredProducers
{
    /// <summary>The name of the section: an array of producers.</summary>
    private const string SectionName = "Producers";

    /// <summary>Reads the producers.</summary>
    /// <param name="configuration">The settings; without the section there are no producers.</param>
    /// <param name="schemas">Checks the schemas of their types.</param>
    /// <exception cref="OptionsValidationException">A producer is wrong; lists everything that is.</exception>
    public static IReadOnlyList<Producer> Read(IConfiguration configuration, ISchemaCompiler schemas)
    {
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

        return failures.Count == 0
            ? [.. producers.OrderBy(producer => producer.Name, StringComparer.Ordinal)]
            : throw new OptionsValidationException(SectionName, typeof(Producer), failures);
    }

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
