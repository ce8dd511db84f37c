using System.Collections.Frozen;
using EventFunctions.Producers.Keys;

namespace EventFunctions.Producers.Registry;

/// <summary>The stored producers as they were at one time.</summary>
internal sealed class ProducerSnapshot
{
    private readonly SourceIndex _bySource;
    private readonly FrozenDictionary<string, Entry> _byName;

    private readonly FrozenDictionary<string, ProducerKeys> _keys;

    public ProducerSnapshot(IEnumerable<Entry> entries, IEnumerable<ProducerKeys> keys)
    {
        _keys = keys.ToFrozenDictionary(of => of.Producer, StringComparer.Ordinal);
        _byName = entries.ToFrozenDictionary(entry => entry.Producer.Name, StringComparer.Ordinal);
        _bySource = new SourceIndex(Producers);
    }

    public IEnumerable<Producer> Producers => _byName.Values.Select(entry => entry.Producer);

    public Producer? FindBySource(string source) => _bySource.Find(source);

    public Producer? FindByName(string name) => FindEntry(name)?.Producer;

    public Entry? FindEntry(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The keys of a producer, be it stored or one of the settings; null if it never had any.</summary>
    public ProducerKeys? FindKeys(string name) => _keys.GetValueOrDefault(name);

    /// <summary>A producer, the version of it that was read, the version in which it was registered, and the ETag of its document.</summary>
    public sealed record Entry(Producer Producer, int Version, int Since, string ETag);
}
