using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Storage;
using NSubstitute;

namespace EventFunctions.Tests.Enrichment;

/// <summary>A substitute for the store that keeps what it is given, and lets a test break off at any step.</summary>
internal sealed class StoreDouble
{
    private readonly Lock _lock = new();
    private readonly Dictionary<EventKey, EventRecord> _records = [];
    private readonly Dictionary<(EventKey, int), FullData> _data = [];

    public StoreDouble()
    {
        Port.ReadAsync(default, default).ReturnsForAnyArgs(call => StepAsync("read", () => Seen(_records.GetValueOrDefault(call.Arg<EventKey>()))));
        Port.ReadDataAsync(default, default, default).ReturnsForAnyArgs(call =>
            StepAsync("readData", () => _data.GetValueOrDefault((call.Arg<EventKey>(), call.Arg<int>()))));
        Port.CreateDataAsync(default!, default).ReturnsForAnyArgs(call =>
            StepAsync("createData", () => _data.TryAdd((call.Arg<FullData>().Key, call.Arg<FullData>().Run), call.Arg<FullData>())));
        Port.ReplaceOldDataAsync(default!, default, default).ReturnsForAnyArgs(call =>
            StepAsync("replaceOldData", () => ReplaceOld(call.Arg<FullData>(), call.Arg<DateTimeOffset>())));
        Port.PatchAsync(default, default!, default).ReturnsForAnyArgs(call =>
            StepAsync(NameOf(call.Arg<RecordPatch>()), () => Patch(call.Arg<EventKey>(), call.Arg<RecordPatch>())));
        Port.ReadDueAsync(default, default, default).ReturnsForAnyArgs(call =>
            StepAsync("readDue", () => ReadDue(call.Arg<DateTimeOffset>(), call.Arg<int>())));
    }

    public IEventStore Port { get; } = Substitute.For<IEventStore>();

    /// <summary>Every step that began, in order.</summary>
    public List<string> Steps { get; } = [];

    /// <summary>What a point read of a record sees, which may be stale.</summary>
    public Func<EventRecord?, EventRecord?> Seen { get; set; } = record => record;

    /// <summary>Runs before each step, with its name; may throw.</summary>
    public Action<string> Before { get; set; } = _ => { };

    /// <summary>Runs after each step took effect, with its name; may throw.</summary>
    public Action<string> After { get; set; } = _ => { };

    public EventRecord this[EventKey key]
    {
        get { lock (_lock) { return _records[key]; } }
        set { lock (_lock) { _records[key] = value; } }
    }

    public IReadOnlyCollection<EventRecord> Records { get { lock (_lock) { return [.. _records.Values]; } } }

    public IReadOnlyCollection<FullData> Data { get { lock (_lock) { return [.. _data.Values]; } } }

    /// <summary>Has data there already, as an earlier run, or an earlier record of the same key, left it.</summary>
    public void Leave(FullData data)
    {
        lock (_lock)
        {
            _data[(data.Key, data.Run)] = data;
        }
    }

    public PatchOutcome Patch(EventKey key, RecordPatch patch)
    {
        lock (_lock)
        {
            if (!_records.TryGetValue(key, out var record))
            {
                return PatchOutcome.NotFound;
            }

            if (!patch.TryApply(record, out var changed))
            {
                return PatchOutcome.NotApplied;
            }

            _records[key] = changed;
            return PatchOutcome.Applied;
        }
    }

    private bool ReplaceOld(FullData data, DateTimeOffset fetchedBefore)
    {
        var isOld = _data.TryGetValue((data.Key, data.Run), out var there) && there.FetchedAt < fetchedBefore;
        if (isOld)
        {
            _data[(data.Key, data.Run)] = data;
        }

        return isOld;
    }

    private IReadOnlyList<EventRecord> ReadDue(DateTimeOffset now, int limit) =>
        [.. _records.Values
            .Where(r => r.RelayAt <= now)
            .OrderBy(r => r.RelayAt)
            .ThenBy(r => r.RecordedAt)
            .Take(limit)];

    private static string NameOf(RecordPatch patch) => patch switch
    {
        { Status: EventStatus.Completed } => "complete",
        { Status: EventStatus.Failed } => "fail",
        { Status: EventStatus.Enriching } => "note",
        { EndsParts: true } => "partsDone",
        { RelayAt: not null } => "putOff",
        _ => "delivered",
    };

    private async Task<T> StepAsync<T>(string name, Func<T> step)
    {
        await Task.Yield();
        lock (_lock)
        {
            Steps.Add(name);
        }

        Before(name);
        T result;
        lock (_lock)
        {
            result = step();
        }

        After(name);
        return result;
    }
}
