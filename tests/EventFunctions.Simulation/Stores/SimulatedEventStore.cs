using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Simulation.World;
using EventFunctions.Storage;

namespace EventFunctions.Simulation.Stores;

/// <summary>The store of events as one instance reaches it: over the network, and at times from a stale replica.</summary>
internal sealed class SimulatedEventStore(MemoryEventStore store, Network network, Faults faults, Instance caller) : IEventStore
{
    internal static readonly TimeSpan StaleFor = TimeSpan.FromSeconds(5);

    public async Task<IReadOnlyList<bool>> CreateAsync(IReadOnlyList<EventRecord> records, CancellationToken cancellationToken) => await CallAsync(
        "create",
        string.Join(' ', records.Select(record => record.Key.Id)),
        () =>
        {
            if (records.Count == 1 || !faults.Strike(FaultKind.Partial))
            {
                return Now(store.CreateAsync(records, default));
            }

            Now(store.CreateAsync([.. records.Where(_ => faults.Chance.Happens(0.5))], default));
            return null;
        },
        created => created is null ? "fails, some are created" : string.Join(' ', created),
        cancellationToken) ?? throw new StoreUnavailableException("Not all were created.");

    public Task<EventRecord?> ReadAsync(EventKey key, CancellationToken cancellationToken)
    {
        var isStale = false;
        return CallAsync(
            "read",
            key.Id,
            () => faults.Strike(FaultKind.Stale) ? store.ReadStale(key, StaleFor, out isStale) : Now(store.ReadAsync(key, default)),
            record => (record?.Status.ToString() ?? "none") + (isStale ? ", stale" : ""),
            cancellationToken);
    }

    public Task<PatchOutcome> PatchAsync(EventKey key, RecordPatch patch, CancellationToken cancellationToken) => CallAsync(
        "patch", key.Id, () => Now(store.PatchAsync(key, patch, default)), outcome => $"{patch.Status}{(patch.Entries is [.., var last] ? " " + last.What : "")} run {patch.Run} {outcome}", cancellationToken);

    public Task<bool> CreateDataAsync(FullData data, CancellationToken cancellationToken) => CallAsync(
        "create data", data.Key.Id, () => Now(store.CreateDataAsync(data, default)), Text, cancellationToken);

    public Task<FullData?> ReadDataAsync(EventKey key, int run, CancellationToken cancellationToken)
    {
        var isStale = false;
        return CallAsync(
            "read data",
            key.Id,
            () => faults.Strike(FaultKind.Stale) ? store.ReadDataStale(key, run, StaleFor, out isStale) : Now(store.ReadDataAsync(key, run, default)),
            data => (data is null ? "none" : "found") + (isStale ? ", stale" : ""),
            cancellationToken);
    }

    public Task<bool> ReplaceOldDataAsync(FullData data, DateTimeOffset fetchedBefore, CancellationToken cancellationToken) => CallAsync(
        "replace old data", data.Key.Id, () => Now(store.ReplaceOldDataAsync(data, fetchedBefore, default)), Text, cancellationToken);

    public Task ReplaceDataAsync(FullData data, CancellationToken cancellationToken) => CallAsync(
        "replace data", data.Key.Id, () => Done(store.ReplaceDataAsync(data, default)), Text, cancellationToken);

    public Task<FailureSummary> ReadFailuresAsync(bool dismissed, CancellationToken cancellationToken) => CallAsync(
        "read failures", "", () => Now(store.ReadFailuresAsync(dismissed, default)), _ => "", cancellationToken);

    public Task<EventPage> ListAsync(EventQuery query, CancellationToken cancellationToken) => CallAsync(
        "list", "", () => faults.Strike(FaultKind.StaleQuery) ? store.ListStale(query, StaleFor) : Now(store.ListAsync(query, default)), page => page.Items.Count.ToString(System.Globalization.CultureInfo.InvariantCulture), cancellationToken);

    public Task<IReadOnlyList<EventRecord>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) => CallAsync(
        "read due", "", () => faults.Strike(FaultKind.StaleQuery) ? store.ReadDueStale(now, limit, StaleFor) : Now(store.ReadDueAsync(now, limit, default)), due => string.Join(' ', due.Select(record => record.Key.Id)), cancellationToken);

    public Task<ChangePage> ReadChangesAsync(string? cursor, int limit, CancellationToken cancellationToken) => CallAsync(
        "read changes",
        cursor ?? "",
        () => !faults.Strike(FaultKind.Changes) ? Now(store.ReadChangesAsync(cursor, limit, default))
            : faults.Chance.Happens(0.3) ? store.ReadHalf(cursor, limit, faults.Chance.Next(2))
            : faults.Chance.Happens(0.5) ? Now(store.ReadChangesAsync(MemoryEventStore.Earlier(cursor, faults.Chance.Next(5)), limit, default))
            : Now(store.ReadChangesAsync(cursor, 1 + faults.Chance.Next(3), default)) with { IsCut = false },
        page => page.Cursor,
        cancellationToken);

    public Task<string> ReadNewestCursorAsync(CancellationToken cancellationToken) => CallAsync(
        "read cursor", "", () => Now(store.ReadNewestCursorAsync(default)), cursor => cursor, cancellationToken);

    public Task CheckAsync(CancellationToken cancellationToken) => CallAsync("check", "", () => Done(store.CheckAsync(default)), Text, cancellationToken);

    private static string Text(bool value) => value ? "true" : "false";

    // The store in memory has answered when it returns.
    private static T Now<T>(Task<T> task) => task.GetAwaiter().GetResult();

    private static bool Done(Task task)
    {
        task.GetAwaiter().GetResult();
        return true;
    }

    private T As<T>(Func<T> effect)
    {
        store.Caller = caller.Name;
        return effect();
    }

    private Task<T> CallAsync<T>(string operation, string about, Func<T> effect, Func<T, string> describe, CancellationToken cancellationToken) =>
        network.CallAsync(caller, "store", operation, about, () => As(effect), describe, static message => new StoreUnavailableException(message), cancellationToken);
}
