namespace EventFunctions.Records.Documents;

/// <summary>Times to live as Cosmos DB counts them: whole seconds, at least one; null is for ever.</summary>
public static class TimeToLive
{
    /// <summary>The seconds of a time to live, rounded up.</summary>
    /// <param name="timeToLive">The time to live.</param>
    public static int? ToSeconds(TimeSpan? timeToLive) =>
        timeToLive is { } time ? (int)Math.Clamp(Math.Ceiling(time.TotalSeconds), 1, int.MaxValue) : null;

    /// <summary>The time to live of a number of seconds.</summary>
    /// <param name="seconds">The seconds; -1 is Cosmos DB's own way to say never.</param>
    public static TimeSpan? FromSeconds(int? seconds) => seconds is > 0 ? TimeSpan.FromSeconds(seconds.Value) : null;
}
