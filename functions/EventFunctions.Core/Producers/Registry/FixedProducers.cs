using System.Collections.Frozen;

namespace EventFunctions.Producers.Registry;

/// <summary>The producers that settings name: nobody changes them while the service runs, and nobody else may have their names and sources.</summary>
public sealed class FixedProducers
{
    private readonly FrozenDictionary<string, Producer> _byName;
    private readonly FrozenDictionary<string, Producer> _bySource;

    /// <summary>Takes producers.</summary>
    /// <param name="producers">The producers, no two of one name or source.</param>
    public FixedProducers(IReadOnlyList<Producer> producers)
    {
        All = producers;
        _byName = producers.ToFrozenDictionary(producer => producer.Name, StringComparer.Ordinal);
        _bySource = producers.ToFrozenDictionary(producer => producer.Source, StringComparer.Ordinal);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Producer> All { get; }

    /// <summary>The one of a name; null where there is none.</summary>
    /// <param name="name">The name.</param>
    public Producer? FindByName(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The one that owns a source; null where there is none.</summary>
    /// <param name="source">The source.</param>
    public Producer? FindBySource(string source) => _bySource.GetValueOrDefault(source);
}
