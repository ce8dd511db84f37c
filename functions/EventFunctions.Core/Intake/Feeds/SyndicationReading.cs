using System.Globalization;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Intake.Feeds;

/// <summary>
/// Reads an Atom or RSS feed: the newest document, then older ones until entries are known. Each document is taken in before the place in
/// the walk is stored, so a crash only reads a document again.
/// </summary>
internal sealed class SyndicationReading(FeedTick tick, Producer producer, FeedLease lease, Func<Task> keep, Func<bool> isPaused)
{
    /// <summary>Reads documents until nothing is new; false if the tick or the quota ended first.</summary>
    /// <param name="cancellationToken">Ends the reading between two writes.</param>
    /// <exception cref="FeedPageException">A document cannot be read.</exception>
    /// <exception cref="FetchException">A document cannot be fetched.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (!isPaused())
        {
            await keep();
            var state = lease.State;
            var url = DataLocation.Resolve(producer.Data!.BaseUrl, producer.Feed!.Url, state.Page ?? producer.Feed.Url.AbsoluteUri);
            if (!seen.Add(url.AbsoluteUri))
            {
                throw new FeedPageException($"The links to older entries lead back to {url.AbsoluteUri}.");
            }

            var response = await tick.Client.ReadAsync(producer, url, state.Page is null ? state.ETag : null, tick.Options.MaxPageBytes, cancellationToken);
            if (response.Body is not { } body)
            {
                return true;
            }

            var page = SyndicationPage.Read(body, url, producer);
            tick.Quotas.Charge(producer, page.Items.Count);
            await tick.Intake.TakeAsync(producer, page.Items, keep, cancellationToken);
            var known = state.LastEventId is { } last ? DateTimeOffset.Parse(last, CultureInfo.InvariantCulture) : (DateTimeOffset?)null;
            var newest = Later(page.Newest, state.Newest);
            var isDone = page.Older is null || page.Items.Count == 0 || (known is not null && (page.Oldest is null || page.Oldest < known));
            var next = state with { ETag = state.Page is null ? response.ETag : state.ETag, Failures = 0, RetryAt = null, Error = null };
            await lease.AdvanceAsync(
                isDone ? next with { Page = null, Newest = null, LastEventId = Later(newest, known) is { } read ? UtcMilliseconds.Text(read) : null }
                    : next with { Page = page.Older!.AbsoluteUri, Newest = newest },
                cancellationToken);
            if (isDone)
            {
                return true;
            }

            if (tick.Time.GetUtcNow() >= tick.End)
            {
                return false;
            }
        }

        return false;
    }

    private static DateTimeOffset? Later(DateTimeOffset? one, DateTimeOffset? other) => one is null || other > one ? other : one;
}
