using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Sqlite;

/// <summary>
/// The records of events on their way, as they were last committed: enrichment neither reads nor parses what intake has just written. Ended runs
/// leave; when it is full, the newest records stay out, because events are enriched in their order.
/// </summary>
/// <param name="time">Tells how long a record has been here, and what has expired.</param>
/// <param name="maxRecords">How many records there is room for.</param>
internal sealed class RecentRecords(TimeProvider time, int maxRecords = RecentRecords.DefaultMaxRecords)
{
    public const int DefaultMaxRecords = 16_384;

    private const int MaxBytes = 16 * 1024 * 1024;
    private const int MaxRecordBytes = 64 * 1024;

    // An event that has not ended by then waits for a retry.
    private static readonly TimeSpan MaxAge = TimeSpan.FromMinutes(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<EventKey, RecentRecord> _records = [];
    private readonly Queue<(EventKey Key, long Since)> _order = new();
    private long _bytes;

    /// <summary>Returns the committed state of a record; null if it is not in memory, or has expired.</summary>
    public RecentRecord? Find(EventKey key)
    {
        lock (_lock)
        {
            return _records.TryGetValue(key, out var found) && !(found.ExpiresAt <= time.GetUtcNow().ToUnixTimeMilliseconds()) ? found : null;
        }
    }

    /// <summary>Takes over the state of a record that was just committed.</summary>
    /// <param name="key">The record's event.</param>
    /// <param name="state">The state; null if it is not known.</param>
    public void Set(EventKey key, RecentRecord? state)
    {
        lock (_lock)
        {
            var isKnown = _records.Remove(key, out var before);
            _bytes -= before?.Bytes ?? 0;
            if (state is { Bytes: <= MaxRecordBytes } && (state.Record.Status & EventStatus.Open) != 0 && HasRoom(state.Bytes))
            {
                _records.Add(key, state);
                _bytes += state.Bytes;
                if (!isKnown)
                {
                    _order.Enqueue((key, time.GetTimestamp()));
                }
            }
        }
    }

    private bool HasRoom(int bytes)
    {
        while (_order.TryPeek(out var oldest) && (!_records.ContainsKey(oldest.Key) || time.GetElapsedTime(oldest.Since) > MaxAge))
        {
            _order.Dequeue();
            if (_records.Remove(oldest.Key, out var gone))
            {
                _bytes -= gone.Bytes;
            }
        }

        return _order.Count < maxRecords && _bytes + bytes <= MaxBytes;
    }
}

/// <summary>A committed state of a record.</summary>
/// <param name="Record">The record.</param>
/// <param name="Number">Its number in the store.</param>
/// <param name="Change">The number of the change that led to the state.</param>
/// <param name="ExpiresAt">When it expires, in Unix milliseconds; null for never.</param>
/// <param name="Bytes">The size of its document.</param>
internal sealed record RecentRecord(EventRecord Record, long Number, long Change, long? ExpiresAt, int Bytes);
