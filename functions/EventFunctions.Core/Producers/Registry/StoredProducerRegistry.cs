using EventFunctions.Ports;
using EventFunctions.Producers.Definitions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Producers.Registry;

/// <summary>
/// The registered producers: those of the settings, and those in the store, of which every instance keeps a snapshot. While
/// there is something to do, it asks in the background whether the registry has changed; after a pause, and before it says
/// that it does not know somebody, it waits for the answer. While the store is down, the last snapshot serves.
/// </summary>
public sealed class StoredProducerRegistry : IProducerRegistry
{
    private const string VersionPartition = ":version";
    private const string VersionId = "version";

    // A snapshot older than this many times RefreshEvery is waited for, but no longer than this.
    private const int StaleAfter = 3;
    private static readonly TimeSpan StaleWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ReadBudget = TimeSpan.FromSeconds(5);

    private readonly IDocumentStore _documents;
    private readonly FixedProducers _settings;
    private readonly SnapshotReader _reader;
    private readonly RegistryOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private Task? _running;
    private volatile State? _state;
    private volatile Attempt? _lastAttempt;

    /// <summary>Makes a registry that has read nothing yet.</summary>
    /// <param name="documents">Where the stored producers are.</param>
    /// <param name="settings">The producers of the settings.</param>
    /// <param name="reader">Reads definitions.</param>
    /// <param name="options">How soon changes are seen.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public StoredProducerRegistry(
        IDocumentStore documents,
        FixedProducers settings,
        ProducerReader reader,
        IOptions<RegistryOptions> options,
        TimeProvider time,
        ILogger<StoredProducerRegistry> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_documents, _settings, _options, _time, _logger) = (documents, settings, options.Value, time, logger);
        _reader = new SnapshotReader(documents, settings, reader, logger);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The source is not known here, and the store cannot answer whether it is known at all.</exception>
    public ValueTask<Producer?> FindBySourceAsync(string source, CancellationToken cancellationToken) =>
        _settings.FindBySource(source) is { } known
            ? ValueTask.FromResult<Producer?>(known)
            : FindAsync(snapshot => snapshot.FindBySource(source), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The name is not known here, and the store cannot answer whether it is known at all.</exception>
    public ValueTask<Producer?> FindByNameAsync(string name, CancellationToken cancellationToken) =>
        _settings.FindByName(name) is { } known
            ? ValueTask.FromResult<Producer?>(known)
            : FindAsync(snapshot => snapshot.FindByName(name), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store never answered yet.</exception>
    public async ValueTask<IReadOnlyList<Producer>> ListAsync(CancellationToken cancellationToken)
    {
        var snapshot = await FreshAsync(cancellationToken);
        return [.. _settings.All.Concat(snapshot.Producers).OrderBy(producer => producer.Name, StringComparer.Ordinal)];
    }

    /// <summary>Tells every instance that something has changed, and sees it here at once. If that fails, all see it later.</summary>
    internal async Task AnnounceAsync()
    {
        // The change is made: whoever asked for it may be gone.
        using var budget = new CancellationTokenSource(ReadBudget, _time);
        try
        {
            await _documents.UpsertAsync(
                DocumentContainer.Producers, new Document(VersionPartition, VersionId, "{\"kind\":\"version\"}"u8.ToArray()), budget.Token);

            // One that runs may have read before the change.
            await (Running() ?? Task.CompletedTask).WaitAsync(budget.Token);
            await RefreshAsync().WaitAsync(budget.Token);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            _logger.LogWarning(e, "A change of the registry is made, but not announced; instances see it within {ReloadEvery}.", _options.ReloadEvery);
        }
    }

    private ValueTask<Producer?> FindAsync(Func<ProducerSnapshot, Producer?> find, CancellationToken cancellationToken)
    {
        var asked = _time.GetTimestamp();
        if (_state is not { } state || Age(state.CheckedAt) >= StaleAfter * _options.RefreshEvery)
        {
            return FindFreshAsync(find, asked, cancellationToken);
        }

        if (IsDue(_options.RefreshEvery))
        {
            _ = RefreshAsync();
        }

        return find(state.Snapshot) is { } producer ? ValueTask.FromResult<Producer?>(producer) : LookUpAsync(find, asked, cancellationToken);
    }

    private async ValueTask<Producer?> FindFreshAsync(Func<ProducerSnapshot, Producer?> find, long asked, CancellationToken cancellationToken) =>
        find(await FreshAsync(cancellationToken)) ?? await LookUpAsync(find, asked, cancellationToken);

    // Nobody is unknown until the store has been asked after the question came. Strangers may ask as often as they like: the
    // store is asked for all of them together, and not before it is due.
    private async ValueTask<Producer?> LookUpAsync(Func<ProducerSnapshot, Producer?> find, long asked, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_lastAttempt is { IsFinished: true } last)
            {
                if (last.StartedAt >= asked)
                {
                    return last.Failure is null ? find(_state!.Snapshot) : throw Unavailable();
                }

                if (_options.LookupEvery - Age(last.StartedAt) is var pause && pause > TimeSpan.Zero)
                {
                    await Task.Delay(pause, _time, cancellationToken);
                    continue;
                }
            }

            await RefreshAsync().WaitAsync(cancellationToken);
        }
    }

    private async Task<ProducerSnapshot> FreshAsync(CancellationToken cancellationToken)
    {
        if (_state is null)
        {
            await RefreshAsync().WaitAsync(cancellationToken);
            return _state?.Snapshot ?? throw Unavailable();
        }

        if (IsDue(_options.LookupEvery) || Running() is not null)
        {
            var refreshing = RefreshAsync();
            if (_lastAttempt?.Failure is null)
            {
                await WaitAsync(refreshing, cancellationToken);
            }
        }

        return _state.Snapshot;
    }

    private async Task WaitAsync(Task refreshing, CancellationToken cancellationToken)
    {
        try
        {
            await refreshing.WaitAsync(StaleWait, _time, cancellationToken);
        }
        catch (TimeoutException)
        {
            // What is known has to do.
        }
    }

    private StoreUnavailableException Unavailable() => new("The registry of producers cannot be read.", _lastAttempt?.Failure);

    private TimeSpan Age(long timestamp) => _time.GetElapsedTime(timestamp);

    private bool IsDue(TimeSpan every) => _lastAttempt is not { } last || Age(last.StartedAt) >= every;

    // The one that runs; null where none does.
    private Task? Running()
    {
        lock (_gate)
        {
            return _running is { IsCompleted: false } running ? running : null;
        }
    }

    // One at a time; whoever comes meanwhile shares it.
    private Task RefreshAsync()
    {
        lock (_gate)
        {
            if (_running is not { IsCompleted: false })
            {
                _lastAttempt = new Attempt(_time.GetTimestamp(), _lastAttempt?.Failure, IsFinished: false);
                _running = Task.Run(TryRefreshAsync);
            }

            return _running;
        }
    }

    private async Task TryRefreshAsync()
    {
        var startedAt = _lastAttempt!.StartedAt;
        using var budget = new CancellationTokenSource(ReadBudget, _time);
        try
        {
            await RefreshAsync(startedAt, budget.Token);
            _lastAttempt = new Attempt(startedAt, null, IsFinished: true);
        }
        catch (Exception e)
        {
            if (_lastAttempt.Failure is null)
            {
                _logger.LogWarning(e, "The registry of producers cannot be read; what was read before serves on.");
            }

            _lastAttempt = new Attempt(startedAt, e, IsFinished: true);
        }
    }

    private async Task RefreshAsync(long startedAt, CancellationToken cancellationToken)
    {
        var before = _state;
        var version = (await _documents.ReadAsync(DocumentContainer.Producers, VersionPartition, VersionId, cancellationToken))?.ETag;
        var isNew = before is null || before.Version != version;

        // What another replica of the store says right after a change may be from before it: such a change is read twice.
        if (before is null || isNew || before.ReadAgain || Age(before.ReadAt) >= _options.ReloadEvery)
        {
            var snapshot = await _reader.ReadAsync(before?.Snapshot, cancellationToken);
            _state = new State(snapshot, version, ReadAgain: isNew, ReadAt: startedAt, CheckedAt: startedAt);
        }
        else
        {
            _state = before with { CheckedAt = startedAt };
        }
    }

    // The times are the clock's timestamps.
    private sealed record State(ProducerSnapshot Snapshot, string? Version, bool ReadAgain, long ReadAt, long CheckedAt);

    private sealed record Attempt(long StartedAt, Exception? Failure, bool IsFinished);
}
