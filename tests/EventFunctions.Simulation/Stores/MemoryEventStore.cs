using System.Globalization;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;

namespace EventFunctions.Simulation.Stores;

/// <summary>The simulated store of events: the rules of <see cref="IEventStore"/> in memory, answered at once and without faults.</summary>
internal sealed class MemoryEventStore(TimeProvider time) : IEventStore
{
    private readonly MemoryCalls _calls = new();
    private readonly Dictionary<EventKey, Item<EventRecord>> _records = [];
    private readonly Dictionary<(EventKey, int), Item<FullData>> _data = [];

    // A record and its data lie in one partition: whoever has seen a write of it sees all that was written before.
    private readonly Dictionary<(string Caller, EventKey Key), long> _sessions = [];
    private long _dataChange;
    private long _change;

    /// <summary>Which instance calls. It never reads what is older than what it has seen.</summary>
    public string Caller { get; set; } = "";

    /// <summary>Is called with each record that was written, and the record before.</summary>
    public Action<EventRecord?, EventRecord>? Written { get; set; }

    /// <summary>Is called with each patch that does not apply, and the record.</summary>
    public Action<EventRecord, RecordPatch>? Refused { get; set; }

    /// <summary>Is called with each full data that was written, and the data before.</summary>
    public Action<FullData?, FullData>? DataWritten { get; set; }

    /// <summary>The records that have not expired.</summary>
    public IEnumerable<EventRecord> Records => _records.Values.Where(IsThere).Select(item => item.Value);

    /// <summary>How many data items there are.</summary>
    public int DataCount => _data.Values.Count(IsThere);

    /// <summary>Whether there is a data item.</summary>
    public bool HasData(EventKey key, int run) => FindData(key, run) is not null;

    /// <summary>How many items there are.</summary>
    public int Count => _records.Values.Count(IsThere) + _data.Values.Count(IsThere);

    public Task<IReadOnlyList<bool>> CreateAsync(IReadOnlyList<EventRecord> records, CancellationToken cancellationToken) =>
        _calls.DoAsync<IReadOnlyList<bool>>(() => [.. records.Select(Create)], cancellationToken);

    public Task<EventRecord?> ReadAsync(EventKey key, CancellationToken cancellationToken) => _calls.DoAsync(() => See(Find(key))?.Value, cancellationToken);

    public Task<PatchOutcome> PatchAsync(EventKey key, RecordPatch patch, CancellationToken cancellationToken) => _calls.DoAsync(() =>
    {
        if (See(Find(key)) is not { } item)
        {
            return PatchOutcome.NotFound;
        }

        if (!patch.TryApply(item.Value, out var changed))
        {
            Refused?.Invoke(item.Value, patch);
            return PatchOutcome.NotApplied;
        }

        Write(changed, item);
        return PatchOutcome.Applied;
    }, cancellationToken);

    public Task<bool> CreateDataAsync(FullData data, CancellationToken cancellationToken) =>
        _calls.DoAsync(() => SeeData(data.Key, data.Run) is null && WriteData(data), cancellationToken);

    public Task<FullData?> ReadDataAsync(EventKey key, int run, CancellationToken cancellationToken) =>
        _calls.DoAsync(() => SeeData(key, run)?.Value, cancellationToken);

    public Task<bool> ReplaceOldDataAsync(FullData data, DateTimeOffset fetchedBefore, CancellationToken cancellationToken) =>
        _calls.DoAsync(() => FindData(data.Key, data.Run) is { } old && old.Value.FetchedAt < fetchedBefore && WriteData(data), cancellationToken);

    public Task ReplaceDataAsync(FullData data, CancellationToken cancellationToken) => _calls.DoAsync(() => WriteData(data), cancellationToken);

    public Task<FailureSummary> ReadFailuresAsync(bool dismissed, CancellationToken cancellationToken) => _calls.DoAsync(
        () => new FailureSummary(
            [
                .. Records.Where(record => (record.Status & EventStatus.Failure) != 0 && record.Dismissed == dismissed)
                    .GroupBy(record => (record.Producer, record.Event.Type, record.Reason))
                    .Select(group => new FailureGroup(group.Key.Producer, group.Key.Type, group.Key.Reason)
                    {
                        Count = group.Count(),
                        FailedAgain = group.Count(record => record.Run > 0),
                        First = group.Min(record => record.RecordedAt),
                        Last = group.Max(record => record.RecordedAt),
                        Samples = [.. group.OrderByDescending(record => record.RecordedAt).Take(FailureSummary.MaxSamples).Select(record => record.Key)],
                    })
                    .OrderByDescending(group => group.Count).ThenBy(group => group.Producer, StringComparer.Ordinal).ThenBy(group => group.Type, StringComparer.Ordinal),
            ],
            IsComplete: true),
        cancellationToken);

    public Task<EventPage> ListAsync(EventQuery query, CancellationToken cancellationToken) => _calls.DoAsync(() => List(query, TimeSpan.Zero), cancellationToken);

    /// <summary>Lists as a replica does that lags behind what other instances wrote.</summary>
    public EventPage ListStale(EventQuery query, TimeSpan within) => List(query, within);

    private EventPage List(EventQuery query, TimeSpan lag)
    {
        var after = query.Continuation is { } text ? Position(text, "l") : long.MaxValue;
        var matching = Seen(lag)
            .Where(item => IsThere(item) && PositionOf(item) < after && query.Matches(item.Value)
                && (query.Entity is null || query.Entity == item.Value.Entity)
                && (query.From is null || item.Value.RecordedAt >= query.From) && (query.To is null || item.Value.RecordedAt < query.To))
            .OrderByDescending(PositionOf)
            .ToList();
        var page = Cut(matching, query.Limit, query.WithData);
        return new EventPage(
            [.. page.Select(item => query.WithData ? item.Value : item.Value with { Event = item.Value.Event with { Data = null } })],
            page.Count < matching.Count ? $"l{PositionOf(page[^1])}" : null);
    }

    public Task<IReadOnlyList<EventRecord>> ReadDueAsync(DateTimeOffset now, int limit, CancellationToken cancellationToken) =>
        _calls.DoAsync(() => ReadDue(now, limit, TimeSpan.Zero), cancellationToken);

    /// <summary>Reads due records as a replica does that lags behind what other instances wrote.</summary>
    public IReadOnlyList<EventRecord> ReadDueStale(DateTimeOffset now, int limit, TimeSpan within) => ReadDue(now, limit, within);

    private IReadOnlyList<EventRecord> ReadDue(DateTimeOffset now, int limit, TimeSpan lag) =>
        [.. Cut(Seen(lag).Where(item => item.Value.RelayAt <= now && IsThere(item)).OrderBy(item => item.Value.RelayAt).ThenBy(item => item.Number), limit, withData: true)
            .Select(item => item.Value)];

    // What the caller sees of each record.
    private IEnumerable<Item<EventRecord>> Seen(TimeSpan lag) => lag == TimeSpan.Zero
        ? _records.Values
        : _records.Values.Where(item => !IsHidden(item, lag) || item.Before is not null).Select(item => IsHidden(item, lag) ? item with { Value = item.Before! } : item);

    private bool IsHidden(Item<EventRecord> item, TimeSpan lag) => !item.SeenBy.Contains(Caller) && time.GetUtcNow() - item.WrittenAt <= lag;

    public Task<ChangePage> ReadChangesAsync(string? cursor, int limit, CancellationToken cancellationToken) => _calls.DoAsync(() =>
    {
        var after = cursor is null ? new Ends(0, 0) : Ends.Read(cursor);
        var changed = _records.Values.Where(item => item.Change > after.Of(item) && IsThere(item)).OrderBy(item => item.Change).ToList();
        var page = Cut(changed, limit, withData: true);
        return new ChangePage([.. page.Select(item => item.Value)], (page.Count > 0 ? after.Behind(page[^1].Change) : after).ToString())
        {
            IsCut = page.Count < changed.Count && page.Count < limit,
        };
    }, cancellationToken);

    /// <summary>Reads the changes of one half of the records, as a partition that was split: the other half comes with a later page.</summary>
    public ChangePage ReadHalf(string? cursor, int limit, int half)
    {
        var after = cursor is null ? new Ends(0, 0) : Ends.Read(cursor);
        var page = Cut(_records.Values.Where(item => Ends.HalfOf(item) == half && item.Change > after.Of(item) && IsThere(item)).OrderBy(item => item.Change), limit, withData: true);
        return new ChangePage([.. page.Select(item => item.Value)], page.Aggregate(after, (ends, item) => ends.Behind(item)).ToString());
    }

    public Task<string> ReadNewestCursorAsync(CancellationToken cancellationToken) => _calls.DoAsync(() => $"c{_change}", cancellationToken);

    public Task CheckAsync(CancellationToken cancellationToken) => _calls.DoAsync(() => true, cancellationToken);

    /// <summary>Returns the record as it was before its last write, if that was a moment ago: what a stale replica answers.</summary>
    public EventRecord? ReadStale(EventKey key, TimeSpan within, out bool isStale)
    {
        var item = Find(key);
        isStale = item is not null && IsHidden(item, within);
        if (!isStale)
        {
            return See(item)?.Value;
        }

        Reach(key, item!.SessionBefore);
        return item.Before;
    }

    /// <summary>Returns the full data as it was before its last write, if that was a moment ago.</summary>
    public FullData? ReadDataStale(EventKey key, int run, TimeSpan within, out bool isStale)
    {
        var item = FindData(key, run);
        isStale = item is not null && item.Change > _sessions.GetValueOrDefault((Caller, key)) && time.GetUtcNow() - item.WrittenAt <= within;
        return isStale ? item!.Before : SeeData(key, run)?.Value;
    }

    /// <summary>Returns the cursor before some changes.</summary>
    public static string? Earlier(string? cursor, int changes) =>
        cursor is null ? null : Ends.Read(cursor) is var ends ? new Ends(Math.Max(0, ends.First - changes), Math.Max(0, ends.Second - changes)).ToString() : null;

    private List<Item<EventRecord>> Cut(IEnumerable<Item<EventRecord>> items, int limit, bool withData)
    {
        var budget = new PageBudget();
        return [.. items.Take(limit).TakeWhile(item => BytesOf(item.Value, withData) is var bytes && budget.TryTake(bytes, bytes)).Select(item => See(item)!)];
    }

    private static long BytesOf(EventRecord record, bool withData) => 500 + (withData ? record.Event.Data?.Bytes.Length ?? 0 : 0);

    // Newest first; those of one millisecond in the order of their creation.
    private static long PositionOf(Item<EventRecord> item) => (item.Value.RecordedAt.ToUnixTimeMilliseconds() << 20) | item.Number;

    private static long Position(string text, string prefix) =>
        text.Length <= 20 && text.StartsWith(prefix, StringComparison.Ordinal) && long.TryParse(text.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var position)
            ? position
            : throw new InvalidContinuationException($"\"{text}\" is not a continuation of this store.");

    private bool Create(EventRecord record)
    {
        if (See(Find(record.Key)) is not null)
        {
            return false;
        }

        Write(Cut(record), null);
        return true;
    }

    private void Write(EventRecord record, Item<EventRecord>? before)
    {
        record = Cut(record);
        _change++;
        _records[record.Key] = new Item<EventRecord>(record, before?.Value, before?.Number ?? _change, _change, time.GetUtcNow(), TimeToLive.FromSeconds(TimeToLive.ToSeconds(record.TimeToLive)))
        {
            Session = _dataChange,
            SessionBefore = before?.Session ?? 0,
        };
        See(_records[record.Key]);
        Written?.Invoke(before?.Value, record);
    }

    private bool WriteData(FullData data)
    {
        data = data with { FetchedAt = UtcMilliseconds.Cut(data.FetchedAt), TimeToLive = TimeToLive.FromSeconds(TimeToLive.ToSeconds(data.TimeToLive)) };
        var before = FindData(data.Key, data.Run)?.Value;
        _data[(data.Key, data.Run)] = new Item<FullData>(data, before, 0, ++_dataChange, time.GetUtcNow(), data.TimeToLive);
        Reach(data.Key, _dataChange);
        DataWritten?.Invoke(before, data);
        return true;
    }

    // As a document holds it: times to the millisecond, in UTC.
    private static EventRecord Cut(EventRecord record) => record with
    {
        RecordedAt = UtcMilliseconds.Cut(record.RecordedAt),
        RelayAt = record.RelayAt is { } at ? UtcMilliseconds.Cut(at) : null,
        Timeline = record.Timeline.All(entry => entry.At.Ticks % TimeSpan.TicksPerMillisecond == 0)
            ? record.Timeline
            : [.. record.Timeline.Select(entry => entry with { At = UtcMilliseconds.Cut(entry.At) })],
    };

    private bool IsThere<T>(Item<T> item) => item.TimeToLive is not { } lives || time.GetUtcNow() < item.WrittenAt + lives;

    private Item<EventRecord>? See(Item<EventRecord>? item)
    {
        if (item is not null)
        {
            item.SeenBy.Add(Caller);
            Reach(item.Value.Key, item.Session);
        }

        return item;
    }

    private Item<FullData>? SeeData(EventKey key, int run)
    {
        var item = FindData(key, run);
        Reach(key, item?.Change ?? 0);
        return item;
    }

    private void Reach(EventKey key, long session)
    {
        if (session > _sessions.GetValueOrDefault((Caller, key)))
        {
            _sessions[(Caller, key)] = session;
        }
    }

    private Item<EventRecord>? Find(EventKey key) => _records.TryGetValue(key, out var item) && IsThere(item) ? item : null;

    private Item<FullData>? FindData(EventKey key, int run) => _data.TryGetValue((key, run), out var item) && IsThere(item) ? item : null;

    // How far both halves were read. A cursor names them apart once they differ.
    private readonly record struct Ends(long First, long Second)
    {
        public static Ends Read(string cursor) =>
            cursor.IndexOf('.', StringComparison.Ordinal) is var dot and > 0 ? new(Position(cursor[..dot], "c"), Position("c" + cursor[(dot + 1)..], "c"))
            : Position(cursor, "c") is var both ? new(both, both) : default;

        public static int HalfOf(Item<EventRecord> item) => item.Value.Key.Id[^1] % 2;

        public long Of(Item<EventRecord> item) => HalfOf(item) == 0 ? First : Second;

        public Ends Behind(Item<EventRecord> item) =>
            HalfOf(item) == 0 ? this with { First = Math.Max(First, item.Change) } : this with { Second = Math.Max(Second, item.Change) };

        public Ends Behind(long change) => new(Math.Max(First, change), Math.Max(Second, change));

        public override string ToString() => First == Second ? $"c{First}" : $"c{First}.{Second}";
    }

    private sealed record Item<T>(T Value, T? Before, long Number, long Change, DateTimeOffset WrittenAt, TimeSpan? TimeToLive)
    {
        public HashSet<string> SeenBy { get; } = [];

        /// <summary>How much data had been written before.</summary>
        public long Session { get; init; }

        public long SessionBefore { get; init; }
    }
}
