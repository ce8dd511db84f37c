namespace EventFunctions.Producers;

/// <summary>How long records and full data are kept.</summary>
/// <param name="RecordTimeToLive">The default for completed records; null keeps them for ever.</param>
/// <param name="DataTimeToLive">The default for full data; null keeps it as long as its record.</param>
public sealed record RetentionPolicy(TimeSpan? RecordTimeToLive, TimeSpan? DataTimeToLive)
{
    /// <summary>The shortest time to live that can be set.</summary>
    public static readonly TimeSpan MinTimeToLive = TimeSpan.FromDays(7);

    /// <summary>How long completed records are kept unless a setting changes it.</summary>
    public static readonly TimeSpan DefaultTimeToLive = TimeSpan.FromDays(90);

    /// <summary>Returns how long a finished record of a producer is kept; null keeps it for ever.</summary>
    /// <param name="producer">The producer, whose own number of days takes precedence; null if it is no longer registered.</param>
    public TimeSpan? RecordTimeToLiveOf(Producer? producer) =>
        producer?.Retention.RecordDays is { } days ? TimeSpan.FromDays(days) : RecordTimeToLive;

    /// <summary>
    /// Returns how long full data of a producer is kept: never longer than its record, because without the record it could
    /// neither be read nor erased. Null keeps it for ever.
    /// </summary>
    /// <param name="producer">The producer, whose own number of days takes precedence.</param>
    public TimeSpan? DataTimeToLiveOf(Producer? producer)
    {
        var data = producer?.Retention.DataDays is { } days ? TimeSpan.FromDays(days) : DataTimeToLive;
        var record = RecordTimeToLiveOf(producer);
        return data is null || record < data ? record : data;
    }
}
