namespace EventFunctions.Sqlite;

/// <summary>
/// Divides the records that have an entity into ranges of their numbers. Only within a range are index entries in the order of entities, so writes
/// touch the few pages of the newest range, and a reader looks into each range.
/// </summary>
internal sealed class EntityRanges : IDisposable
{
    /// <summary>How many records a range has; more if their times are not in order.</summary>
    public const int Size = 512;

    private readonly SqliteStatement _find;
    private long _newestRange;
    private long _newestRecord;

    // A range that was begun before the start counts as full.
    private int _count = Size;

    public EntityRanges(SqliteConnection connection)
    {
        const string lastRange = "SELECT coalesce(max(entity_range), ?1) FROM records INDEXED BY records_of_entity WHERE entity_range";
        _find = new(connection, $"{lastRange} <= ?1");
        using var last = new SqliteStatement(connection, $"SELECT ({lastRange} IS NOT NULL), coalesce((SELECT max(seq) FROM records), ?1)");
        (_newestRange, _newestRecord) = last.Bind(1, long.MinValue).Single(row => (row.Int64(0), row.Int64(1)));
    }

    /// <summary>Returns the range of a new record, by the first number of it.</summary>
    /// <param name="number">The first number of the record's time.</param>
    public long RangeOf(long number)
    {
        if (number < _newestRange)
        {
            return _find.Bind(1, number).Single(row => row.Int64(0));
        }

        // Behind all records, so that ranges do not overlap.
        if (_count >= Size && number > _newestRecord)
        {
            (_newestRange, _count) = (number, 0);
        }

        _count++;
        return _newestRange;
    }

    /// <summary>Learns the number of a new record.</summary>
    public void Add(long number) => _newestRecord = Math.Max(_newestRecord, number);

    public void Dispose() => _find.Dispose();
}
