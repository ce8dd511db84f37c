using System.Globalization;
using EventFunctions.Records;
using EventFunctions.Storage;
using NSubstitute;

namespace EventFunctions.Tests.Streams;

/// <summary>A store of which only the changes are known: a cursor is how many of them were read.</summary>
internal sealed class ChangeLog
{
    private readonly Lock _lock = new();
    private readonly List<EventRecord> _changes = [];
    private int _reads;

    public ChangeLog()
    {
        Store = Substitute.For<IEventStore>();
        Store.ReadNewestCursorAsync(default).ReturnsForAnyArgs(_ => Text(Count));
        Store.ReadChangesAsync(default, default, default).ReturnsForAnyArgs(call => Task.Run(() => Read(call.ArgAt<string?>(0), call.ArgAt<int>(1))));
    }

    public IEventStore Store { get; }

    /// <summary>How often changes were asked for.</summary>
    public int Reads => Volatile.Read(ref _reads);

    public bool IsDown { get; set; }

    private int Count
    {
        get
        {
            lock (_lock)
            {
                return _changes.Count;
            }
        }
    }

    public void Add(params IEnumerable<EventRecord> records)
    {
        lock (_lock)
        {
            _changes.AddRange(records);
        }
    }

    private ChangePage Read(string? cursor, int limit)
    {
        Interlocked.Increment(ref _reads);
        if (IsDown)
        {
            throw new StoreUnavailableException("down");
        }

        var from = cursor is null ? 0 : int.TryParse(cursor, CultureInfo.InvariantCulture, out var n) ? n : throw new InvalidContinuationException("not mine");
        lock (_lock)
        {
            if (from > _changes.Count)
            {
                throw new InvalidContinuationException("not mine");
            }

            var items = _changes.Skip(from).Take(limit).ToList();
            return new ChangePage(items, Text(from + items.Count));
        }
    }

    private static string Text(int count) => count.ToString(CultureInfo.InvariantCulture);
}
