using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Settings;

namespace EventFunctions.Enrichment;

/// <summary>How events are enriched.</summary>
public sealed record EnrichmentOptions : ICheckedOptions
{
    private static readonly TimeSpan EventGridWaits = TimeSpan.FromSeconds(30);

    /// <summary>
    /// The longest duration of one attempt. Event Grid waits 30 s for a response; the rest is for recording that the attempt did not
    /// finish.
    /// </summary>
    public TimeSpan Budget { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long writing down the end of an attempt that failed may take.</summary>
    public TimeSpan NoteBudget { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Where consumers reach this service, for example <c>https://events.example.com/</c>: the base of the <c>dataref</c>
    /// that an enriched event carries whose data is too large for Event Grid. May have a path, as behind a gateway. Null makes
    /// that reference relative.
    /// </summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>
    /// How long a completed record is kept: at least <see cref="RetentionPolicy.MinTimeToLive"/>, and
    /// <see cref="RetentionPolicy.DefaultTimeToLive"/> if it is not set.
    /// </summary>
    public TimeSpan? RecordTimeToLive { get; init; }

    /// <summary>Keeps completed records for ever; excludes <see cref="RecordTimeToLive"/>.</summary>
    public bool KeepForever { get; init; }

    /// <summary>
    /// How long full data is kept; null for as long as its record, else at least <see cref="RetentionPolicy.MinTimeToLive"/> and at most
    /// <see cref="RecordTimeToLive"/>.
    /// </summary>
    public TimeSpan? DataTimeToLive { get; init; }

    /// <summary>Where consumers can read the full data of an event from this service.</summary>
    /// <param name="key">The event.</param>
    /// <param name="run">The run whose data it is; null for the newest that has any.</param>
    public Uri DataCall(EventKey key, int? run = null)
    {
        var path = EventPath.ForData(key, run);
        return PublicUrl is { } url ? new Uri(url.AbsoluteUri.TrimEnd('/') + path) : new Uri(path, UriKind.Relative);
    }

    /// <summary>How long records and full data are kept, by these settings and the definition of a producer.</summary>
    public RetentionPolicy Retention => new(KeepForever ? null : RecordTimeToLive ?? RetentionPolicy.DefaultTimeToLive, DataTimeToLive);

    /// <inheritdoc/>
    public IEnumerable<string> Validate()
    {
        if (Budget <= TimeSpan.Zero || NoteBudget <= TimeSpan.Zero || Budget + NoteBudget >= EventGridWaits)
        {
            yield return $"Enrichment:Budget ({Budget}) and Enrichment:NoteBudget ({NoteBudget}) must be above zero and "
                + "together below 00:00:30, Event Grid's timeout; example: 00:00:20 and 00:00:05.";
        }

        if (PublicUrl is { } url && !(url.IsAbsoluteUri && url.Scheme is "http" or "https" && (url.Query + url.Fragment).Length == 0))
        {
            yield return $"Enrichment:PublicUrl is \"{url}\", which is not an absolute http or https URL without a query; example: https://events.example.com/.";
        }

        foreach (var (setting, value) in new[] { (nameof(RecordTimeToLive), RecordTimeToLive), (nameof(DataTimeToLive), DataTimeToLive) })
        {
            if (value < RetentionPolicy.MinTimeToLive)
            {
                yield return $"Enrichment:{setting} is {value}, but must be at least 7 days; example: 90.00:00:00.";
            }
        }

        if (KeepForever && RecordTimeToLive is not null)
        {
            yield return $"Enrichment:KeepForever is true, but Enrichment:RecordTimeToLive is {RecordTimeToLive}. Remove one of them.";
        }

        if (Retention.RecordTimeToLive is { } record && DataTimeToLive > record)
        {
            yield return $"Enrichment:DataTimeToLive is {DataTimeToLive}, but full data cannot be kept longer than its record "
                + $"(Enrichment:RecordTimeToLive is {record}); example: {record}.";
        }
    }
}
