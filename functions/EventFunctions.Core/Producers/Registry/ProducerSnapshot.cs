using System.Collections.Frozen;

namespace EventFunctions.Producers.Registry;

/// <summary>The stored producers as they were at one time.</summary>
internal sealed class ProducerSnapshot
{
    private readonly FrozenDictionary<string, Producer> _bySource;
    private readonly FrozenDictionary<string, Entry> _byName;

    public ProducerSnapshot(IEnumerable<Entry> entries)
    {
        _byName = entries.ToFrozenDictionary(entry => entry.Producer.Name, StringComparer.Ordinal);
        _bySource = _byName.Values.Select(entry => entry.Producer).ToFrozenDictionary(producer => producer.Source, StringComparer.Ordinal);
    }

    public IEnumerable<Producer> Producers => _byName.Values.Select(entry => entry.Producer);

    public Producer? FindBySource(string source) => _bySource.GetValueOrDefault(source);

    public Producer? FindByName(string name) => FindEntry(name)?.Producer;

    public Entry? FindEntry(string name) => _byName.GetValueOrDefault(name);

    /// <summary>A producer, and the version of it that was read.</summary>
    public sealed record Entry(Producer Producer, int Version);
}
