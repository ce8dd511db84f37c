using System.Collections.Immutable;
using EventFunctions.Records;

namespace EventFunctions.Monitoring;

/// <summary>How it stands with an expectation.</summary>
/// <param name="Expectation">What is expected.</param>
/// <param name="LastRecordedAt">When the newest event was recorded; null before the first.</param>
/// <param name="Missing">What did not come and still has not: by entity, or one without a subject.</param>
/// <param name="IsWhole">Whether that is all; false where there are more entities than were looked at, or more of them silent than are told.</param>
public sealed record ExpectationState(Expectation Expectation, DateTimeOffset? LastRecordedAt, ImmutableArray<MissingEvents> Missing, bool IsWhole);

/// <summary>Events that did not come.</summary>
/// <param name="Entity">The entity; null unless they are expected of each.</param>
/// <param name="ExpectedBy">When the first of them was to come.</param>
/// <param name="NoticedAt">When that was published.</param>
public sealed record MissingEvents(EntityKey? Entity, DateTimeOffset ExpectedBy, DateTimeOffset NoticedAt);
