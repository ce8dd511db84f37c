using EventFunctions.Events;
using EventFunctions.Ports;
using Microsoft.Extensions.Options;

namespace EventFunctions.Preparation.Monitoring;

/// <summary>
/// Keeps since when each expectation is watched without a gap: nothing can be missing that was not expected, and nobody could
/// send anything to a service that was down.
/// </summary>
public sealed class WatchLog(IDocumentStore documents, TimeProvider time, IOptions<MonitoringOptions> options)
{
    private const string Partition = "watch";
    private const string Id = "producers";

    /// <summary>Notes that expectations are watched now.</summary>
    /// <param name="expectations">All that there are.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Since when each is watched.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be used now.</exception>
    public async Task<IReadOnlyDictionary<Expectation, DateTimeOffset>> LookAsync(IReadOnlyCollection<Expectation> expectations, CancellationToken cancellationToken)
    {
        while (true)
        {
            var now = time.GetUtcNow();
            var found = await documents.ReadAsync(DocumentContainer.State, Partition, Id, cancellationToken);
            var before = found is null ? null : MonitorDocuments.ReadWatch(found);
            var unbroken = before is not null && now - MonitorTime.Parse(before.At) <= options.Value.MaxGap;
            var since = expectations.ToDictionary(one => one.Partition, one => unbroken ? Since(before!, one) ?? From(now, one) : From(now, one));
            var document = MonitorDocuments.Write(Partition, Id, new WatchState { At = UtcMilliseconds.Text(now), Since = since });
            var etag = found is null
                ? await documents.CreateAsync(DocumentContainer.State, document, cancellationToken)
                : await documents.ReplaceAsync(DocumentContainer.State, document, found.ETag, cancellationToken);
            if (etag is not null)
            {
                return expectations.ToDictionary(one => one, one => MonitorTime.Parse(since[one.Partition].At));
            }
        }
    }

    private static WatchedExpectation? Since(WatchState before, Expectation one) =>
        before.Since.GetValueOrDefault(one.Partition) is { } watched && watched.EveryTicks == one.Every.Ticks ? watched : null;

    private static WatchedExpectation From(DateTimeOffset now, Expectation one) => new(UtcMilliseconds.Text(now), one.Every.Ticks);
}
