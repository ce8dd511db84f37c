namespace EventFunctions.Peers;

/// <summary>Counts handled events.</summary>
public static class Completed
{
    private static long count;

    /// <summary>How many events were handled.</summary>
    public static long Count => Interlocked.Read(ref count);

    /// <summary>Counts one more.</summary>
    public static void Add() => Interlocked.Increment(ref count);
}
