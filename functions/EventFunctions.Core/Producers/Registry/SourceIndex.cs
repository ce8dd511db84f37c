using System.Collections.Frozen;

namespace EventFunctions.Producers.Registry;

/// <summary>Finds producers by source: the one with exactly this source, else the one with the longest pattern that covers it.</summary>
internal sealed class SourceIndex
{
    private readonly FrozenDictionary<string, Producer> _exact;
    private readonly FrozenDictionary<string, Producer> _patterns;
    private readonly FrozenDictionary<string, Producer>.AlternateLookup<ReadOnlySpan<char>> _byPrefix;
    private readonly int _longest;

    /// <param name="producers">The producers, no two of one registered source.</param>
    public SourceIndex(IEnumerable<Producer> producers)
    {
        var kinds = producers.ToLookup(producer => producer.HasSourcePattern);
        _exact = kinds[false].ToFrozenDictionary(producer => producer.Source, StringComparer.Ordinal);
        _patterns = kinds[true].ToFrozenDictionary(producer => SourcePattern.PrefixOf(producer.Source).ToString(), StringComparer.Ordinal);
        _byPrefix = _patterns.GetAlternateLookup<ReadOnlySpan<char>>();
        _longest = _patterns.Keys.Select(prefix => prefix.Length).DefaultIfEmpty().Max();
    }

    /// <summary>Returns the owner of an event's source; null if there is none.</summary>
    public Producer? Find(string source)
    {
        if (_exact.TryGetValue(source, out var owner))
        {
            return owner;
        }

        for (var end = Math.Min(source.Length, _longest); (end = source.AsSpan(0, end).LastIndexOf('/') + 1) > 0; end--)
        {
            if (_byPrefix.TryGetValue(source.AsSpan(0, end), out owner) && SourcePattern.CanCover(source, end))
            {
                return owner;
            }
        }

        return null;
    }

    /// <summary>Returns the producer that is registered with a source or pattern, word for word; null if there is none.</summary>
    public Producer? FindRegistered(string source) =>
        SourcePattern.Is(source) ? _patterns.GetValueOrDefault(SourcePattern.PrefixOf(source).ToString()) : _exact.GetValueOrDefault(source);
}
