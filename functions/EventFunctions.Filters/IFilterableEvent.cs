namespace EventFunctions.Filters;

/// <summary>An event as filters see it. Implementations look into the payload only when a key leads there.</summary>
public interface IFilterableEvent
{
    /// <summary>The value that a key leads to.</summary>
    /// <param name="key">The key of a filter.</param>
    FilterValue Find(FilterKey key);
}
