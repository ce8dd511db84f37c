using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Entities;

/// <summary>Options for writing entities.</summary>
public sealed record EntityOptions
{
    /// <summary>
    /// The most documents that are written at once: as many as one transaction of the embedded store takes are best there,
    /// and fewer where others need their share of an account's throughput.
    /// </summary>
    [Range(1, 10_000)]
    public int MaxConcurrentWrites { get; init; } = 128;

    /// <summary>How many events a rebuild takes at a time: of more, an entity's summary is written once for more of its events, and a crash repeats more.</summary>
    [Range(1, 1_000_000)]
    public int RebuildBatch { get; init; } = 20_000;
}
