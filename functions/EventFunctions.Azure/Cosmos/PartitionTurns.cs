using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Goes through the physical partitions of a container: one with each call, so that a call costs the same however many there are.</summary>
/// <param name="container">The container.</param>
internal sealed class PartitionTurns(Container container)
{
    // To list them is a request of its own. A partition that was split meanwhile is still asked as a whole.
    private static readonly TimeSpan ListEvery = TimeSpan.FromMinutes(10);

    private IReadOnlyList<FeedRange> _all = [];
    private long _listedAt;
    private int _turn = Random.Shared.Next(1_000_000);

    /// <summary>Returns all partitions.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IReadOnlyList<FeedRange>> ListAsync(CancellationToken cancellationToken)
    {
        if (_all.Count == 0 || TimeProvider.System.GetElapsedTime(Volatile.Read(ref _listedAt)) > ListEvery)
        {
            _all = await container.GetFeedRangesAsync(cancellationToken);
            Volatile.Write(ref _listedAt, TimeProvider.System.GetTimestamp());
        }

        return _all;
    }

    /// <summary>Returns the next partition.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<FeedRange> NextAsync(CancellationToken cancellationToken)
    {
        var all = await ListAsync(cancellationToken);
        return all[(int)((uint)Interlocked.Increment(ref _turn) % (uint)all.Count)];
    }
}
