using EventFunctions.Sqlite;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Stores accepted events on disk. Publications wait for their commit; outcomes of deliveries are written later, in batches, because losing
/// the last ones in a crash only means that some events are delivered once more.
/// </summary>
internal sealed class TopicDeliveryStore : IAsyncDisposable
{
    // Long enough to gather what many deliveries bring, short against any delay of a retry.
    private static readonly TimeSpan GatheringTime = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan RetryTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LogEmptyingTime = TimeSpan.FromMinutes(1);
    private const int EventsAtOnce = 50;

    private readonly SqliteDatabase _database;
    private readonly GroupCommit<DeliveryStatements> _writer;
    private readonly ILogger _logger;
    private readonly ITimer _logEmptying;
    private readonly Lock _lock = new();
    private List<Settlement> _settlements = [];
    private Task _settling = Task.CompletedTask;
    private bool _isSettling;
    private bool _isClosing;
    private long _sequence;

    public TopicDeliveryStore(string path, TimeProvider time, ILogger<TopicDeliveryStore> logger)
    {
        SqliteDatabase.Check(path);
        _database = new SqliteDatabase(path, DeliveryStatements.Migrations);
        _writer = new GroupCommit<DeliveryStatements>(_database, connection => new DeliveryStatements(connection), (message, cause) => new EventGridUnavailableException(message, cause));
        _logger = logger;

        // Events that were delivered are deleted at once, but stay in the database's log.
        _logEmptying = time.CreateTimer(_ => _database.TryEmptyLog(), null, LogEmptyingTime, LogEmptyingTime);
    }

    /// <summary>Whether the process before ended without writing the deliveries that it had in memory only.</summary>
    public bool MayHaveLost { get; private set; }

    /// <summary>Records that no delivery is in memory only. A file that cannot be written counts as not closed.</summary>
    public async Task CloseAsync()
    {
        try
        {
            await _writer.WriteAsync(
                s =>
                {
                    s.Close();
                    return true;
                },
                CancellationToken.None);
        }
        catch (EventGridUnavailableException e)
        {
            _logger.LogWarning(e, "Could not record the end of the session. Open events are published again at the next start.");
        }
    }

    /// <summary>Opens the database and returns the row of each subscription.</summary>
    /// <exception cref="EventGridUnavailableException">The database cannot be written.</exception>
    public async Task<IReadOnlyList<long>> OpenAsync(IReadOnlyList<string> subscriptionKeys, CancellationToken cancellationToken)
    {
        (var ids, _sequence, MayHaveLost) = await _writer.WriteAsync(
            s => (subscriptionKeys.Select(s.SubscriptionId).ToList(), s.LastSequence(), s.Open()),
            cancellationToken);
        return ids;
    }

    /// <summary>Opens a reader of one subscription's deliveries.</summary>
    public DeliveryReader OpenReader(long subscription) => new(_database, subscription);

    /// <summary>The next event's place in the order of publication.</summary>
    public long NextSequence() => Interlocked.Increment(ref _sequence);

    /// <summary>Makes events durable.</summary>
    /// <exception cref="EventGridUnavailableException">They are not durable.</exception>
    public Task AppendAsync(IReadOnlyList<PublishedEvent> events) => _writer.WriteAsync(
        s =>
        {
            foreach (var published in events)
            {
                s.Add(published);
            }

            return true;
        },
        CancellationToken.None);

    /// <summary>Writes the outcomes of attempts soon, and then notifies the dispatchers.</summary>
    public void Settle(IReadOnlyCollection<Settlement> settlements)
    {
        foreach (var settled in settlements.Where(settlement => settlement.IsUnwritten))
        {
            settled.Taker.Settled(settled);
        }

        lock (_lock)
        {
            _settlements.AddRange(settlements.Where(settlement => !settlement.IsUnwritten));
            if (!_isSettling && _settlements.Count > 0)
            {
                _isSettling = true;
                _settling = Task.Run(SettleAsync);
            }
        }
    }

    /// <summary>Completes when all pending outcomes are written and the dispatchers are notified.</summary>
    public Task SettledAsync()
    {
        lock (_lock)
        {
            return _settling;
        }
    }

    /// <summary>Writes the outcomes of deliveries without notifying the dispatchers.</summary>
    /// <exception cref="EventGridUnavailableException">It is not written down.</exception>
    public Task SettleNowAsync(IReadOnlyList<Settlement> settlements) => _writer.WriteAsync(
        s =>
        {
            foreach (var settlement in settlements)
            {
                s.Settle(settlement);
            }

            return true;
        },
        CancellationToken.None);

    /// <summary>Removes events, for every subscription.</summary>
    /// <param name="isErased">Returns whether an event is to be removed.</param>
    /// <returns>The removed events' sequences.</returns>
    /// <exception cref="EventGridUnavailableException">Not all are removed.</exception>
    public async Task<HashSet<long>> EraseAsync(Func<byte[], Task<bool>> isErased)
    {
        HashSet<long> erased = [];
        var after = 0L;
        while (await _writer.WriteAsync(s => s.Events(after, EventsAtOnce), CancellationToken.None) is { Count: > 0 } events)
        {
            after = events[^1].Sequence;
            foreach (var (sequence, body) in events)
            {
                if (await isErased(body))
                {
                    erased.Add(sequence);
                }
            }
        }

        await _writer.WriteAsync(
            s =>
            {
                foreach (var sequence in erased)
                {
                    s.Erase(sequence);
                }

                return true;
            },
            CancellationToken.None);
        return erased;
    }

    /// <summary>Leaves nothing in the database's files of events that are gone.</summary>
    /// <exception cref="EventGridUnavailableException">Something is left.</exception>
    public Task CleanAsync(CancellationToken cancellationToken) => _writer.CleanAsync(cancellationToken);

    /// <summary>Writes pending outcomes, and closes the database.</summary>
    public async ValueTask DisposeAsync()
    {
        Task settling;
        lock (_lock)
        {
            _isClosing = true;
            settling = _settling;
        }

        await _logEmptying.DisposeAsync();
        await settling;
        await _writer.DisposeAsync();
    }

    private async Task SettleAsync()
    {
        while (true)
        {
            if (!_isClosing)
            {
                await Task.Delay(GatheringTime);
            }

            List<Settlement> batch;
            lock (_lock)
            {
                if (_settlements.Count == 0)
                {
                    _isSettling = false;
                    return;
                }

                (batch, _settlements) = (_settlements, []);
            }

            if (!await TryWriteAsync(batch))
            {
                return;
            }

            foreach (var settlement in batch)
            {
                settlement.Taker.Settled(settlement);
            }
        }
    }

    private async Task<bool> TryWriteAsync(List<Settlement> batch)
    {
        while (true)
        {
            try
            {
                await _writer.WriteAsync(
                    s =>
                    {
                        batch.ForEach(s.Settle);
                        return true;
                    },
                    CancellationToken.None);
                return true;
            }
            catch (EventGridUnavailableException e) when (!_isClosing)
            {
                _logger.LogWarning(e, "Cannot save the outcome of {Count} deliveries; retrying. After a restart they would be repeated.", batch.Count);
                await Task.Delay(RetryTime);
            }
            catch (EventGridUnavailableException e)
            {
                _logger.LogWarning(e, "Could not save the outcome of {Count} deliveries. They are repeated after a restart.", batch.Count);
                return false;
            }
        }
    }
}
