using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Queries;

/// <summary>Reads events within a caller's time limit.</summary>
public sealed class EventLookup(IEventStore store, TimeProvider time)
{
    /// <summary>How long one call may take.</summary>
    public static readonly TimeSpan Budget = TimeSpan.FromSeconds(10);

    /// <summary>Returns the record of an event; null if there is none.</summary>
    /// <param name="key">The event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="reader">The producer that reads; null reads the events of every producer.</param>
    /// <exception cref="StoreUnavailableException">The store did not respond in time.</exception>
    public Task<EventRecord?> ReadAsync(EventKey key, CancellationToken cancellationToken, Producer? reader = null) =>
        InBudgetAsync(token => ReadAsync(key, reader, token), cancellationToken);

    /// <summary>
    /// Returns the full data of an event, or the mark of erased data: of the requested run, as an enriched event with a reference to its
    /// data needs it; otherwise of the current run or, if that has no data yet, of the latest run that has.
    /// </summary>
    /// <param name="key">The event.</param>
    /// <param name="only">The run; null for the newest that has any.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="reader">The producer that reads; null reads the events of every producer.</param>
    /// <exception cref="StoreUnavailableException">The store did not respond in time.</exception>
    public Task<FullData?> ReadDataAsync(EventKey key, int? only, CancellationToken cancellationToken, Producer? reader = null) =>
        InBudgetAsync(
            async token =>
            {
                if (await ReadAsync(key, reader, token) is not { } record)
                {
                    return null;
                }

                if (record.Erased)
                {
                    return FullData.Erasure(record, record.Run, record.RecordedAt);
                }

                for (var run = only ?? record.Run; run >= (only ?? 0); run--)
                {
                    if (await store.ReadDataAsync(record, run, token) is { } data)
                    {
                        return data;
                    }
                }

                return null;
            },
            cancellationToken);

    /// <summary>A page of records, newest first.</summary>
    /// <param name="query">Filters and page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store did not respond in time.</exception>
    /// <exception cref="InvalidContinuationException">The continuation is not the store's.</exception>
    public Task<EventPage> ListAsync(EventQuery query, CancellationToken cancellationToken) =>
        InBudgetAsync(token => store.ListAsync(query, token), cancellationToken);

    // Events of other sources are not looked for, so that the time to answer does not tell whether they exist.
    private async Task<EventRecord?> ReadAsync(EventKey key, Producer? reader, CancellationToken cancellationToken) =>
        reader is not null && !reader.Owns(key.Source) ? null
        : await store.ReadAsync(key, cancellationToken) is { } record && (reader is null || reader.Name == record.Producer) ? record
        : null;

    private async Task<T> InBudgetAsync<T>(Func<CancellationToken, Task<T>> call, CancellationToken cancellationToken)
    {
        using var budget = new CancellationTokenSource(Budget, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        try
        {
            return await call(either.Token).WaitAsync(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"The store did not respond within {Budget}.", e);
        }
    }
}
