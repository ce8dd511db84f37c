using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Intake;

/// <summary>Options for how long intake waits, and when the relay publishes the events that it recorded.</summary>
public sealed record IntakeOptions
{
    /// <summary>How long a request may wait for the store before it is answered <c>503</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30", ParseLimitsInInvariantCulture = true)]
    public TimeSpan StoreBudget { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long a request may wait for the topic; after that it is answered <c>202</c> and the relay publishes.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:00:30", ParseLimitsInInvariantCulture = true)]
    public TimeSpan PublishBudget { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How long after its creation the relay may publish an event whose publication is not known to have failed.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan FirstRelayAfter { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long after a publication that is known to have failed the relay may publish.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "1.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan RelayAfterFailure { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long it is kept that an event of a feed or an Event Grid subscription was refused, and why.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "365.00:00:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan RefusalTimeToLive { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long the body of a request may take to arrive; after that the answer is <c>408</c>.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "00:05:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan BodyBudget { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>
    /// The most bytes of posted events that an instance holds while they arrive and while their answer waits, and as many of
    /// messages; a request beyond it is answered <c>503</c>. The first 16 KB of each request do not count.
    /// </summary>
    [Range(2_000_000, 1_000_000_000)]
    public int MaxBufferedBytes { get; init; } = 64_000_000;
}
