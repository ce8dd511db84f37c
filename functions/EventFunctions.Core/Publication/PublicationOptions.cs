using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Publication;

/// <summary>How publications are sent.</summary>
public sealed record PublicationOptions
{
    /// <summary>How many requests to the topic may be on their way at once; what arrives meanwhile waits and goes together.</summary>
    [Range(1, 256)]
    public int MaxConcurrentRequests { get; init; } = 4;

    /// <summary>The most events in one request.</summary>
    [Range(1, 5_000)]
    public int MaxEventsPerRequest { get; init; } = 1_000;

    /// <summary>How long one request may take.</summary>
    [Range(typeof(TimeSpan), "00:00:00.1", "00:01:00", ParseLimitsInInvariantCulture = true)]
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The most bytes that may wait for a place; events beyond it are left to the relay.</summary>
    [Range(1_000_000, 1_000_000_000)]
    public int MaxWaitingBytes { get; init; } = 64_000_000;
}
