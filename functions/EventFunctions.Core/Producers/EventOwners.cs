namespace EventFunctions.Producers;

/// <summary>Finds the producers of recorded events.</summary>
internal static class EventOwners
{
    /// <summary>
    /// Returns the producer that an event was recorded for, as long as its registered source covers the event's; otherwise the present owner
    /// of the source. So a producer with a more specific source takes over new events only.
    /// </summary>
    /// <param name="producers">The registry.</param>
    /// <param name="recordedFor">The name of the producer in the event's record; null if the record is unknown.</param>
    /// <param name="source">The event's source.</param>
    /// <param name="cancellationToken">Cancels the lookup.</param>
    public static async ValueTask<Producer?> FindOwnerAsync(
        this IProducerRegistry producers, string? recordedFor, string source, CancellationToken cancellationToken)
    {
        var present = await producers.FindBySourceAsync(source, cancellationToken);
        return recordedFor is null || present?.Name == recordedFor ? present
            : await producers.FindByNameAsync(recordedFor, cancellationToken) is { } recorded && recorded.Owns(source) ? recorded
            : present;
    }
}
