namespace EventFunctions.Storage;

/// <summary>How far pages that were read one after the other have come, over all of a store's ranges.</summary>
internal sealed class ChangeProgress
{
    private readonly Dictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);
    private ChangePage? _last;

    /// <summary>Takes the next page.</summary>
    /// <param name="page">A page.</param>
    public void Take(ChangePage page)
    {
        ArgumentNullException.ThrowIfNull(page);
        _last = page;
        foreach (var range in page.Ranges)
        {
            if (range.Until is { } until)
            {
                _until[range.Name] = until;
            }
        }
    }

    /// <summary>Whether all that changed before a time was read, or all there was.</summary>
    /// <param name="time">The time, by the store's clock.</param>
    public bool Covers(DateTimeOffset time) =>
        _last is { } page
        && (page.IsEnd || (page.Ranges.Count > 0 && page.Ranges.All(range => _until.TryGetValue(range.Name, out var until) && until >= time)));
}
