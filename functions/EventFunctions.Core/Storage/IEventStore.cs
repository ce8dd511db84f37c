using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Records.Documents;

namespace EventFunctions.Storage;

/// <summary>
/// Where records and full data live. Every implementation passes one conformance suite. A write is durable when its
/// task completes; single documents change atomically, and nothing more is promised.
/// </summary>
/// <remarks>
/// Every method throws <see cref="StoreUnavailableException"/> when the store cannot answer now, and
/// <see cref="OperationCanceledException"/> when cancelled; a cancelled write may still take effect.
/// </remarks>
public interface IEventStore
{
    /// <summary>Creates records, each only if its key does not exist. There is no transaction over them.</summary>
    /// <param name="records">New records; no two of the same key.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>For each record, in order, whether it was created; <see langword="false"/> means that its key was taken.</returns>
    Task<IReadOnlyList<bool>> CreateAsync(IReadOnlyList<EventRecord> records, CancellationToken cancellationToken);

    /// <summary>A point read, which may be stale.</summary>
    /// <param name="key">The event.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<EventRecord?> ReadAsync(EventKey key, CancellationToken cancellationToken);

    /// <summary>Changes a record if the patch's predicate holds, decided on its newest state.</summary>
    /// <param name="key">The event.</param>
    /// <param name="patch">Predicate and change.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<PatchOutcome> PatchAsync(EventKey key, RecordPatch patch, CancellationToken cancellationToken);

    /// <summary>Creates the full data of a run, unless it is there.</summary>
    /// <param name="data">What was fetched.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns><see langword="false"/> where the run has its data already.</returns>
    Task<bool> CreateDataAsync(FullData data, CancellationToken cancellationToken);

    /// <summary>A point read of the full data of a run.</summary>
    /// <param name="key">The event.</param>
    /// <param name="run">The run, counted from 0.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<FullData?> ReadDataAsync(EventKey key, int run, CancellationToken cancellationToken);

    /// <summary>Writes the full data of a run in the place of what an expired record of the same key left behind.</summary>
    /// <param name="data">What was fetched.</param>
    /// <param name="fetchedBefore">What was fetched before this time is replaced, and nothing else.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns><see langword="false"/> where nothing is there that was fetched before.</returns>
    Task<bool> ReplaceOldDataAsync(FullData data, DateTimeOffset fetchedBefore, CancellationToken cancellationToken);

    /// <summary>Writes the full data of a run unconditionally: for marks of erased data.</summary>
    /// <param name="data">What stands there from now on.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task ReplaceDataAsync(FullData data, CancellationToken cancellationToken);

    /// <summary>Groups failed and dead-lettered events by producer, type and reason; its cost grows with them, and with nothing else.</summary>
    /// <param name="dismissed">Whether the dismissed ones are meant, or the others.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<FailureSummary> ReadFailuresAsync(bool dismissed, CancellationToken cancellationToken);

    /// <summary>Lists records, newest first.</summary>
    /// <param name="query">Filters and page.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">This store did not issue the continuation. Start again without it.</exception>
    Task<EventPage> ListAsync(EventQuery query, CancellationToken cancellationToken);

    /// <summary>Reads the records whose <see cref="EventRecord.RelayAt"/> is not after <paramref name="now"/>, that longest due first.</summary>
    /// <param name="now">The relay's time.</param>
    /// <param name="limit">The most records to return; fewer, but one at least, where they are more than <see cref="PageBudget.MaxBytes"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<IReadOnlyList<EventRecord>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns records in the order in which their newest state was committed: the only order in which a stream can resume, because times
    /// differ between instances. A record that changes moves to the end; each is returned at least once after its last change.
    /// </summary>
    /// <param name="cursor">The <see cref="ChangePage.Cursor"/> of the page before; null reads from the beginning.</param>
    /// <param name="limit">The most records to return; fewer, but one at least, where they are more than <see cref="PageBudget.MaxBytes"/>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">This store did not issue the cursor.</exception>
    Task<ChangePage> ReadChangesAsync(string? cursor, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Returns a cursor for new changes only: <see cref="ReadChangesAsync"/> returns everything that changes after this call has returned,
    /// and few earlier changes.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task<string> ReadNewestCursorAsync(CancellationToken cancellationToken);

    /// <summary>Proves that the store can be read now. Writes nothing.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    Task CheckAsync(CancellationToken cancellationToken);
}

/// <summary>The outcome of a patch.</summary>
public enum PatchOutcome
{
    /// <summary>The change is durable.</summary>
    Applied,

    /// <summary>The record exists, but not in the run or status of the patch: another change was first.</summary>
    NotApplied,

    /// <summary>The record does not exist.</summary>
    NotFound,
}

/// <summary>What to list.</summary>
public sealed record EventQuery : EventFilter
{
    /// <summary>Lists all records.</summary>
    public EventQuery()
    {
    }

    /// <summary>Lists the records that match a filter.</summary>
    /// <param name="filter">The filter.</param>
    public EventQuery(EventFilter filter)
        : base(filter)
    {
    }

    /// <summary>Whether the records come with their events' data; without it more of them fit on a page.</summary>
    public bool WithData { get; init; } = true;

    /// <summary>The most records a page holds, 1 to 1,000; it ends before them where they are more than <see cref="PageBudget.MaxBytes"/>.</summary>
    public int Limit { get; init; } = 100;

    /// <summary>The store's own continuation of the page before.</summary>
    public string? Continuation { get; init; }
}

/// <summary>A page of records, newest first. It may hold fewer than asked for, and still not be the last.</summary>
/// <param name="Items">The records.</param>
/// <param name="Continuation">Where the next page begins, in the store's own form; null on the last page.</param>
public sealed record EventPage(IReadOnlyList<EventRecord> Items, string? Continuation);

/// <summary>A page of changes, oldest first.</summary>
/// <param name="Items">The records as they stand now.</param>
/// <param name="Cursor">Where to go on; the same as before where nothing is new.</param>
public sealed record ChangePage(IReadOnlyList<EventRecord> Items, string Cursor)
{
    /// <summary>Whether the page holds fewer records than asked for because they are large, so that more can be read at once.</summary>
    public bool IsCut { get; init; }
}

/// <summary>The store cannot answer now; the same call may succeed later.</summary>
public sealed class StoreUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>When to retry, if the store specifies it.</summary>
    public TimeSpan? RetryAfter { get; init; }
}

/// <summary>A continuation or cursor that the store did not give.</summary>
public sealed class InvalidContinuationException(string message, Exception? innerException = null) : Exception(message, innerException);
