using System.Collections.Immutable;
using EventFunctions.CloudEvents;

namespace EventFunctions.Storage;

/// <summary>What failed, in groups, the largest first.</summary>
/// <param name="Groups">The groups, at most <see cref="MaxGroups"/>.</param>
/// <param name="IsComplete">Whether every failure was counted; else the counts are of the newest ones.</param>
public sealed record FailureSummary(ImmutableArray<FailureGroup> Groups, bool IsComplete)
{
    /// <summary>The most groups that are listed separately.</summary>
    public const int MaxGroups = 200;

    /// <summary>The most sample events of a group.</summary>
    public const int MaxSamples = 3;
}

/// <summary>Failed and dead-lettered events that have producer, type and reason in common.</summary>
/// <param name="Producer">The producer's name.</param>
/// <param name="Type">CloudEvents <c>type</c>.</param>
/// <param name="Reason">Why they failed.</param>
public sealed record FailureGroup(string Producer, string Type, string? Reason)
{
    /// <summary>How many there are.</summary>
    public required long Count { get; init; }

    /// <summary>How many of them failed again after a replay.</summary>
    public required long FailedAgain { get; init; }

    /// <summary>When the oldest of them was recorded.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>When the newest of them was recorded.</summary>
    public required DateTimeOffset Last { get; init; }

    /// <summary>Some of them, newest first.</summary>
    public ImmutableArray<EventKey> Samples { get; init; } = [];
}
