using EventFunctions.CloudEvents;

namespace EventFunctions.Publication;

/// <summary>Which event of a producer an event of the topic belongs to. Enrichment, dispatch and dead letters read it alike.</summary>
/// <param name="Key">The event that its producer sent.</param>
/// <param name="Run">The event's run.</param>
/// <param name="IsEnriched">Whether the event of the topic is the enriched event.</param>
internal readonly record struct PublishedIdentity(EventKey Key, int Run, bool IsEnriched)
{
    /// <summary>Reads the identity of an event of the topic.</summary>
    /// <param name="id">Its <c>id</c>.</param>
    /// <param name="source">Its <c>source</c>.</param>
    /// <param name="type">Its <c>type</c>.</param>
    /// <param name="replay">Its run, by the <c>replay</c> extension; an enriched event names it in its ID.</param>
    /// <returns>Null if this service cannot have published the event.</returns>
    public static PublishedIdentity? Of(string id, string source, string type, int replay)
    {
        ArgumentNullException.ThrowIfNull(type);
        return !type.EndsWith(ReservedNames.EnrichedTypeSuffix, StringComparison.Ordinal) ? new(new EventKey(source, id), replay, IsEnriched: false)
            : EventEncoder.TryReadEnrichedId(id, out var original, out var run) ? new(new EventKey(source, original), run, IsEnriched: true)
            : null;
    }
}
