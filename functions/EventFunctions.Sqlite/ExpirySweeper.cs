using EventFunctions.Storage;

namespace EventFunctions.Sqlite;

/// <summary>
/// Removes expired rows in small steps, so that other writes do not wait; and empties the database's log, which would otherwise keep
/// overwritten, erased and removed data until it is reused.
/// </summary>
internal sealed class ExpirySweeper : IAsyncDisposable
{
    private const int Bite = 50;

    private readonly GroupCommit<StoreWrites> _writer;
    private readonly PeriodicTimer _timer;
    private readonly Task _sweeping;
    private readonly SqliteDatabase _database;

    /// <param name="database">The store's file.</param>
    /// <param name="writer">The store's writer.</param>
    /// <param name="time">Tells when it is time.</param>
    /// <param name="every">How long to rest between two sweeps.</param>
    public ExpirySweeper(SqliteDatabase database, GroupCommit<StoreWrites> writer, TimeProvider time, TimeSpan every)
    {
        _database = database;
        _writer = writer;
        _timer = new PeriodicTimer(every, time);
        _sweeping = SweepAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _timer.Dispose();
        await _sweeping;
    }

    private async Task SweepAsync()
    {
        while (await _timer.WaitForNextTickAsync())
        {
            try
            {
                while (await _writer.WriteAsync(writes => writes.Sweep(Bite), CancellationToken.None) >= Bite)
                {
                }
            }
            catch (StoreUnavailableException)
            {
                // Whoever writes for a caller reports it; what has expired is invisible and can wait for the next round.
            }

            _database.TryEmptyLog();
        }
    }
}
