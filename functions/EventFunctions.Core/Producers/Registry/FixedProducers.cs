namespace EventFunctions.Producers.Registry;

/// <summary>
/// The producers in the settings: they cannot be changed while the service runs, and their names and sources are reserved.
/// </summary>
public sealed class FixedProducers
{
    private readonly Dictionary<string, Producer> _byName;
    private readonly SourceIndex _bySource;

    /// <summary>Takes producers.</summary>
    /// <param name="producers">The producers, no two of one name or source.</param>
    public FixedProducers(IReadOnlyList<Producer> producers)
    {
        All = producers;
        _byName = producers.ToDictionary(producer => producer.Name, StringComparer.Ordinal);
        _bySource = new SourceIndex(producers);
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<Producer> All { get; }

    /// <summary>Returns the producer with a name; null if there is none.</summary>
    /// <param name="name">The name.</param>
    public Producer? FindByName(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Returns the producer that owns a source; null if there is none.</summary>
    /// <param name="source">The source.</param>
    public Producer? FindBySource(string source) => _bySource.Find(source);

    /// <inheritdoc cref="SourceIndex.FindRegistered"/>
    internal Producer? FindRegistered(string source) => _bySource.FindRegistered(source);
}
