using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Definitions;

/// <summary>
/// A registry of definitions in the store, as this instance last read it. While there is work, it checks in the background whether the registry has changed;
/// after a pause, and before it reports an unknown name, it waits for the check. While the store is down, it serves the last snapshot.
/// </summary>
/// <typeparam name="T">The registry as it was at one time.</typeparam>
/// <param name="documents">The store.</param>
/// <param name="container">The container of the registry; one document of it changes with every change.</param>
/// <param name="read">Reads the whole registry; gets what was read before.</param>
/// <param name="options">How soon changes are seen.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
internal sealed class StoredRegistry<T>(
    IDocumentStore documents,
    DocumentContainer container,
    Func<T?, CancellationToken, Task<T>> read,
    RegistryOptions options,
    TimeProvider time,
    ILogger logger)
    where T : class
{
    private const string VersionPartition = ":version";
    private const string VersionId = "version";

    // A snapshot older than this many times RefreshEvery is waited for, but no longer than this.
    private const int StaleAfter = 3;
    private static readonly TimeSpan StaleWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReadBudget = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private Task? _running;
    private volatile State? _state;
    private volatile Attempt? _lastAttempt;

    /// <summary>The snapshot that is at hand, unless it is too old.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store never answered yet.</exception>
    public ValueTask<T> CurrentAsync(CancellationToken cancellationToken) =>
        Recent() is { } snapshot ? ValueTask.FromResult(snapshot) : new(FreshAsync(cancellationToken));

    /// <summary>
    /// Returns a snapshot that was checked within <see cref="RegistryOptions.ReloadEvery"/>, or since the call: for decisions that are never made again.
    /// </summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store has not answered for too long.</exception>
    public async ValueTask<T> RecentAsync(CancellationToken cancellationToken)
    {
        var asked = time.GetTimestamp();
        await CurrentAsync(cancellationToken);

        // The refresh that runs may have begun long before the call, so its result may be too old as well.
        for (var refresh = 0; refresh < 2 && !IsRecent(); refresh++)
        {
            await RefreshAsync(options.LookupEvery).WaitAsync(cancellationToken);
        }

        return IsRecent() ? _state!.Snapshot : throw Unavailable();

        bool IsRecent() => _state is { } state && (Age(state.CheckedAt) < options.ReloadEvery || state.CheckedAt >= asked);
    }

    /// <summary>Finds an item, and checks the store once more if it is unknown.</summary>
    /// <param name="find">Looks into a snapshot.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">It is not supported, and the store cannot answer whether it is known at all.</exception>
    public ValueTask<TItem?> FindAsync<TItem>(Func<T, TItem?> find, CancellationToken cancellationToken)
        where TItem : class
    {
        var asked = time.GetTimestamp();
        return Recent() is not { } snapshot ? FindFreshAsync(find, asked, cancellationToken)
            : find(snapshot) is { } item ? ValueTask.FromResult<TItem?>(item)
            : LookUpAsync(find, asked, cancellationToken);
    }

    /// <summary>Finds an item in the snapshot, and checks the store in the background if it is unknown.</summary>
    /// <param name="find">Looks into a snapshot.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store never answered yet.</exception>
    public async ValueTask<TItem?> FindKnownAsync<TItem>(Func<T, TItem?> find, CancellationToken cancellationToken)
        where TItem : class
    {
        var item = find(await CurrentAsync(cancellationToken));
        if (item is null)
        {
            _ = RefreshAsync(options.LookupEvery);
        }

        return item;
    }

    /// <summary>A snapshot that is as new as the store can tell in a second.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store never answered yet.</exception>
    public async Task<T> FreshAsync(CancellationToken cancellationToken)
    {
        if (_state is null)
        {
            await RefreshAsync().WaitAsync(cancellationToken);
            return _state?.Snapshot ?? throw Unavailable();
        }

        if (IsDue(options.LookupEvery) || Running() is not null)
        {
            var refreshing = RefreshAsync(options.LookupEvery);
            if (_lastAttempt?.Failure is null)
            {
                await WaitAsync(refreshing, cancellationToken);
            }
        }

        return _state.Snapshot;
    }

    /// <summary>Changes a document of the registry as <see cref="DocumentChanges"/> does, and announces the change.</summary>
    /// <param name="partition">The value of the partition key.</param>
    /// <param name="id">The document's ID.</param>
    /// <param name="decide">Decides on the newest document, null if there is none.</param>
    /// <param name="cancellationToken">Ends the wait; the change may be made.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other writers were first every time.</exception>
    public async Task<TResult> ChangeAsync<TResult>(
        string partition, string id, Func<StoredDocument?, Task<DocumentChange<TResult>>> decide, CancellationToken cancellationToken)
    {
        var (attempts, isChanged) = (0, false);
        var result = await documents.ChangeAsync(container, partition, id, time, async found =>
        {
            var change = await decide(found);

            // After a first attempt, one that finds nothing left to do may have found its own change.
            isChanged = ++attempts > 1 || (change.Next is not null && !change.Confirms) || change.Deletes;
            return change;
        }, cancellationToken);
        if (isChanged)
        {
            await AnnounceAsync();
        }

        return result;
    }

    /// <summary>Tells every instance that something has changed, and sees it here at once. If that fails, all see it later.</summary>
    public async Task AnnounceAsync()
    {
        // The change is made: whoever asked for it may be gone.
        using var budget = new CancellationTokenSource(ReadBudget, time);
        try
        {
            await documents.UpsertAsync(
                container, new Document(VersionPartition, VersionId, "{\"kind\":\"version\"}"u8.ToArray()), budget.Token);

            // One that runs may have read before the change.
            await (Running() ?? Task.CompletedTask).WaitAsync(budget.Token);
            await RefreshAsync().WaitAsync(budget.Token);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            logger.LogWarning(e, "Could not announce a change of the {What}. Instances see it within {ReloadEvery}.", container.Name, options.ReloadEvery);
        }
    }

    private T? Recent()
    {
        if (_state is not { } state || Age(state.CheckedAt) >= StaleAfter * options.RefreshEvery)
        {
            return null;
        }

        if (IsDue(options.RefreshEvery))
        {
            _ = RefreshAsync(options.RefreshEvery);
        }

        return state.Snapshot;
    }

    private async ValueTask<TItem?> FindFreshAsync<TItem>(Func<T, TItem?> find, long asked, CancellationToken cancellationToken)
        where TItem : class =>
        find(await FreshAsync(cancellationToken)) ?? await LookUpAsync(find, asked, cancellationToken);

    // Nobody is unknown until the store has been asked after the question came. Strangers may ask as often as they like: the
    // store is asked for all of them together, and not before it is due.
    private async ValueTask<TItem?> LookUpAsync<TItem>(Func<T, TItem?> find, long asked, CancellationToken cancellationToken)
        where TItem : class
    {
        while (true)
        {
            if (_lastAttempt is { IsFinished: true } last)
            {
                if (last.StartedAt >= asked)
                {
                    return last.Failure is null ? find(_state!.Snapshot) : throw Unavailable();
                }

                if (options.LookupEvery - Age(last.StartedAt) is var pause && pause > TimeSpan.Zero)
                {
                    await time.PauseAsync(pause, cancellationToken);
                    continue;
                }
            }

            await RefreshAsync(options.LookupEvery).WaitAsync(cancellationToken);
        }
    }

    private async Task WaitAsync(Task refreshing, CancellationToken cancellationToken)
    {
        try
        {
            await refreshing.WaitAsync(StaleWait, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What is known has to do.
        }
    }

    private StoreUnavailableException Unavailable() => new($"Cannot read the registry of {container.Name}.", _lastAttempt?.Failure);

    private TimeSpan Age(long timestamp) => time.GetElapsedTime(timestamp);

    private bool IsDue(TimeSpan every) => _lastAttempt is not { } last || Age(last.StartedAt) >= every;

    // The one that runs; null where none does.
    private Task? Running()
    {
        lock (_gate)
        {
            return _running is { IsCompleted: false } running ? running : null;
        }
    }

    // One at a time, shared by all callers. Checks the age again under the lock, because another caller may just have refreshed.
    private Task RefreshAsync(TimeSpan olderThan = default)
    {
        lock (_gate)
        {
            if (_running is not { IsCompleted: false })
            {
                if (!IsDue(olderThan))
                {
                    return Task.CompletedTask;
                }

                _lastAttempt = new Attempt(time.GetTimestamp(), _lastAttempt?.Failure, IsFinished: false);
                _running = BackgroundTask.Start(TryRefreshAsync);
            }

            return _running;
        }
    }

    private async Task TryRefreshAsync()
    {
        var startedAt = _lastAttempt!.StartedAt;
        using var budget = new CancellationTokenSource(ReadBudget, time);
        try
        {
            await RefreshAsync(startedAt, budget.Token);
            _lastAttempt = new Attempt(startedAt, null, IsFinished: true);
        }
        catch (Exception e)
        {
            if (_lastAttempt.Failure is null)
            {
                logger.LogWarning(e, "Cannot read the registry of {What}. Using the last version that was read.", container.Name);
            }

            _lastAttempt = new Attempt(startedAt, e, IsFinished: true);
        }
    }

    private async Task RefreshAsync(long startedAt, CancellationToken cancellationToken)
    {
        var before = _state;
        var version = (await documents.ReadAsync(container, VersionPartition, VersionId, cancellationToken))?.ETag;
        var isNew = before is null || before.Version != version;

        // What another replica of the store says right after a change may be from before it: such a change is read twice.
        if (before is null || isNew || before.ReadAgain || Age(before.ReadAt) >= options.ReloadEvery)
        {
            var snapshot = await read(before?.Snapshot, cancellationToken);
            _state = new State(snapshot, version, ReadAgain: isNew, ReadAt: startedAt, CheckedAt: startedAt);
        }
        else
        {
            _state = before with { CheckedAt = startedAt };
        }
    }

    // The times are the clock's timestamps.
    private sealed record State(T Snapshot, string? Version, bool ReadAgain, long ReadAt, long CheckedAt);

    private sealed record Attempt(long StartedAt, Exception? Failure, bool IsFinished);
}
