using EventFunctions.Records;

namespace EventFunctions.Storage;

/// <summary>Reads the full data of a record.</summary>
internal static class RecordData
{
    /// <summary>Returns the full data of a record's run: the event's own, else by a point read.</summary>
    /// <param name="store">Where it is.</param>
    /// <param name="record">The record.</param>
    /// <param name="run">The run, counted from 0.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there is none, or only what an expired record of the same key left behind.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public static async Task<FullData?> ReadDataAsync(this IEventStore store, EventRecord record, int run, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(record);
        return FullData.OwnOf(record, run)
            ?? (await store.ReadDataAsync(record.Key, run, cancellationToken) is { } data && data.IsOf(record) ? data : null);
    }
}
