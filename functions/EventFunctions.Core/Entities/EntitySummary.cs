using System.Collections.Immutable;
using EventFunctions.Records;

namespace EventFunctions.Entities;

/// <summary>
/// An entity, merged from facts so that neither their order nor their repetition matters. Times are spelt by <see cref="UtcMilliseconds"/>
/// and compare as texts.
/// </summary>
public sealed record EntitySummary
{
    private const int MaxOtherData = 32;

    /// <summary>The generation's name of summaries, <see cref="EntityDocuments.SummaryKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The entity's source.</summary>
    public required string Source { get; init; }

    /// <summary>The entity's subject.</summary>
    public required string Subject { get; init; }

    /// <summary>When the first of its events was recorded.</summary>
    public required string FirstSeen { get; init; }

    /// <summary>When the last of its events was recorded.</summary>
    public required string LastSeen { get; init; }

    /// <summary>How many events there are of each type.</summary>
    public ImmutableSortedDictionary<string, long> Counts { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    /// <summary>The latest event of each type.</summary>
    public ImmutableSortedDictionary<string, EntityEvent> Latest { get; init; } =
        ImmutableSortedDictionary.Create<string, EntityEvent>(StringComparer.Ordinal);

    /// <summary>The latest event with full data, and the run that fetched it; null if there is none.</summary>
    public EntityEvent? Data { get; init; }

    /// <summary>
    /// Earlier events with full data that were recorded after <see cref="Data"/>, the latest first: they replace it when it is erased.
    /// Usually null, because events are mostly recorded in the order in which they happened.
    /// </summary>
    public ImmutableList<EntityEvent>? OtherData { get; init; }

    /// <summary>When the last erased event was recorded; events recorded until then have no data. Null if no event was erased.</summary>
    public string? ErasedTo { get; init; }

    /// <summary>IDs of links whose events are counted, but which may not be there yet; null for none.</summary>
    public ImmutableSortedSet<string>? Unconfirmed { get; init; }

    /// <summary>The summary of one fact, which is not counted.</summary>
    /// <param name="fact">The fact.</param>
    /// <param name="generation">The generation.</param>
    public static EntitySummary Of(EntityFact fact, int generation)
    {
        ArgumentNullException.ThrowIfNull(fact);
        var seen = UtcMilliseconds.Text(fact.RecordedAt);
        var latest = EntityEvent.Of(fact);
        var summary = new EntitySummary
        {
            Kind = EntityDocuments.SummaryKind(generation),
            Source = fact.Entity.Source,
            Subject = fact.Entity.Subject,
            FirstSeen = seen,
            LastSeen = seen,
        };
        return (summary with { Latest = summary.Latest.Add(fact.Type, latest) }).WithDataOf(fact, latest);
    }

    /// <summary>Merges a fact in, and counts nothing.</summary>
    /// <param name="fact">A fact of the same entity.</param>
    public EntitySummary With(EntityFact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        var seen = UtcMilliseconds.Text(fact.RecordedAt);
        var one = EntityEvent.Of(fact);
        var merged = this with
        {
            FirstSeen = string.CompareOrdinal(seen, FirstSeen) < 0 ? seen : FirstSeen,
            LastSeen = string.CompareOrdinal(seen, LastSeen) > 0 ? seen : LastSeen,
            Latest = Latest.TryGetValue(fact.Type, out var latest) && !one.IsAfter(latest) ? Latest : Latest.SetItem(fact.Type, one),
        };
        return merged.WithDataOf(fact, one);
    }

    /// <summary>Counts an event.</summary>
    /// <param name="type">Its type.</param>
    /// <param name="link">The ID of its link.</param>
    public EntitySummary Counted(string type, string link) =>
        this with
        {
            Counts = Counts.SetItem(type, Counts.GetValueOrDefault(type) + 1),
            Unconfirmed = (Unconfirmed ?? ImmutableSortedSet.Create<string>(StringComparer.Ordinal)).Add(link),
        };

    // Of two events, the one that is both earlier and recorded no later never shows: an erasure that takes the other takes it, too.
    // What is left depends on neither order nor repetition, up to a bound.
    private EntitySummary WithDataOf(EntityFact fact, EntityEvent one)
    {
        if (fact.DataRun is null && !fact.Erased)
        {
            return this;
        }

        var erasedTo = fact.Erased && string.CompareOrdinal(one.RecordedAt, ErasedTo) > 0 ? one.RecordedAt : ErasedTo;
        ImmutableList<EntityEvent> before = Data is null ? [] : (OtherData ?? []).Insert(0, Data);
        var candidates = fact.DataRun is { } run ? before.Add(one with { Run = run }) : before;
        List<EntityEvent> kept = [];
        foreach (var candidate in candidates.Sort((a, b) => a == b ? 0 : a.IsAfter(b) ? -1 : 1))
        {
            if (string.CompareOrdinal(candidate.RecordedAt, kept.Count == 0 ? erasedTo : kept[^1].RecordedAt) > 0)
            {
                kept.Add(candidate);
            }
        }

        // The first to go are those that an erasure takes first.
        if (kept.Count > 1 + MaxOtherData)
        {
            kept.RemoveRange(1, kept.Count - 1 - MaxOtherData);
        }

        return kept.SequenceEqual(before)
            ? this with { ErasedTo = erasedTo }
            : this with { ErasedTo = erasedTo, Data = kept.FirstOrDefault(), OtherData = kept.Count > 1 ? [.. kept.Skip(1)] : null };
    }

    /// <summary>Forgets links that are there.</summary>
    /// <param name="links">Their IDs.</param>
    public EntitySummary Confirmed(IEnumerable<string> links) =>
        this with { Unconfirmed = Unconfirmed?.Except(links) is { IsEmpty: false } left ? left : null };
}

/// <summary>An event as a summary knows it.</summary>
/// <param name="Id">Its ID.</param>
/// <param name="Time">Its own time or, where it has none, when it was recorded.</param>
/// <param name="RecordedAt">When it was recorded.</param>
/// <param name="Run">The run that fetched its full data; null where that is not what it is about.</param>
public sealed record EntityEvent(string Id, string Time, string RecordedAt, int? Run = null)
{
    /// <summary>The event of a fact.</summary>
    /// <param name="fact">The fact.</param>
    public static EntityEvent Of(EntityFact fact)
    {
        ArgumentNullException.ThrowIfNull(fact);
        return new(fact.EventId, UtcMilliseconds.Text(fact.Time), UtcMilliseconds.Text(fact.RecordedAt));
    }

    /// <summary>Whether this one is the later: by its time, then when it was recorded, then its ID, then its run.</summary>
    /// <param name="other">Another.</param>
    public bool IsAfter(EntityEvent other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return (string.CompareOrdinal(Time, other.Time), string.CompareOrdinal(RecordedAt, other.RecordedAt), string.CompareOrdinal(Id, other.Id)) switch
        {
            (not 0 and var byTime, _, _) => byTime > 0,
            (_, not 0 and var byRecord, _) => byRecord > 0,
            (_, _, not 0 and var byId) => byId > 0,
            _ => (Run ?? -1) > (other.Run ?? -1),
        };
    }
}
