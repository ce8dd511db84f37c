namespace EventFunctions.Producers.Registry;

/// <summary>Finds producers by source: the one with exactly this source, else the one with the longest pattern that covers it.</summary>
internal sealed class SourceIndex
{
    private readonly Dictionary<string, Producer> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Producer> _byPrefix = new(StringComparer.Ordinal);
    private readonly int _longest;

    /// <param name="producers">The producers, no two of one registered source.</param>
    public SourceIndex(IEnumerable<Producer> producers)
    {
        foreach (var producer in producers)
        {
            if (producer.HasSourcePattern)
            {
                var prefix = SourcePattern.PrefixOf(producer.Source).ToString();
                _byPrefix.Add(prefix, producer);
                _longest = Math.Max(_longest, prefix.Length);
            }
            else
            {
                _exact.Add(producer.Source, producer);
            }
        }
    }

    /// <summary>Returns the owner of an event's source; null if there is none.</summary>
    public Producer? Find(string source)
    {
        if (_exact.TryGetValue(source, out var owner) || _byPrefix.Count == 0)
        {
            return owner;
        }

        var byPrefix = _byPrefix.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var end = Math.Min(source.Length, _longest); (end = source.AsSpan(0, end).LastIndexOf('/') + 1) > 0; end--)
        {
            if (byPrefix.TryGetValue(source.AsSpan(0, end), out owner) && SourcePattern.CanCover(source, end))
            {
                return owner;
            }
        }

        return null;
    }

    /// <summary>Returns the producer that is registered with a source or pattern, word for word; null if there is none.</summary>
    public Producer? FindRegistered(string source) =>
        SourcePattern.Is(source) ? _byPrefix.GetValueOrDefault(SourcePattern.PrefixOf(source).ToString()) : _exact.GetValueOrDefault(source);
}
