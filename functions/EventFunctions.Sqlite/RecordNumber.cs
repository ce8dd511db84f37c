namespace EventFunctions.Sqlite;

/// <summary>The numbers of records: the time of recording in Unix milliseconds, then a counter within the millisecond.</summary>
internal static class RecordNumber
{
    /// <summary>How many records of one millisecond have a number of it; more of them have numbers of the next.</summary>
    public const long PerMillisecond = 1 << CounterBits;

    // Leaves room for the times of all years that a DateTimeOffset has.
    private const int CounterBits = 15;

    /// <summary>The time of recording.</summary>
    public static DateTimeOffset TimeOf(long number) => DateTimeOffset.FromUnixTimeMilliseconds(number >> CounterBits);

    /// <summary>The first number of records that are recorded at a time or later.</summary>
    public static long From(DateTimeOffset time)
    {
        // Stored times are cut to milliseconds: with the bound rounded up, they compare to it as the bound itself would.
        var milliseconds = time.ToUnixTimeMilliseconds();
        return (time > DateTimeOffset.FromUnixTimeMilliseconds(milliseconds) ? milliseconds + 1 : milliseconds) * PerMillisecond;
    }
}
