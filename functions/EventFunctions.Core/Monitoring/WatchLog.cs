using System.Collections.ObjectModel;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Monitoring;

/// <summary>
/// Stores since when each expectation is watched, and the gaps since: an event cannot be missing if it was not expected, or while the
/// service was down.
/// </summary>
internal sealed class WatchLog(IDocumentStore documents, TickSchedule schedule, TimeProvider time, IOptions<MonitoringOptions> options)
{
    // A service that restarts all day long must not make the document grow.
    private const int MaxGaps = 100;

    // On a schedule of seconds, most looks write nothing.
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(30);

    private static readonly IReadOnlyDictionary<Expectation, Watched> None = ReadOnlyDictionary<Expectation, Watched>.Empty;

    private const string Partition = "watch";
    private const string Id = "producers";

    /// <summary>Notes that expectations are watched now.</summary>
    /// <param name="expectations">All that there are.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>How each was watched until now.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot be used now.</exception>
    public Task<IReadOnlyDictionary<Expectation, Watched>> LookAsync(IReadOnlyCollection<Expectation> expectations, CancellationToken cancellationToken) =>
        expectations.Count == 0 ? Task.FromResult(None) : documents.ChangeAsync(DocumentContainer.State, Partition, Id, time, found =>
        {
            var now = time.GetUtcNow();
            var before = found is null ? null : MonitorDocuments.ReadWatch(found);
            var unbroken = before is not null && now - MonitorTime.Parse(before.At) <= options.Value.MaxGap;
            var since = expectations.ToDictionary(one => one.Partition, one => unbroken ? Since(before!, one) ?? From(now, one) : From(now, one));
            if (unbroken && now - MonitorTime.Parse(before!.At) < WriteEvery && since.All(one => before.Since.GetValueOrDefault(one.Key) == one.Value))
            {
                return new(Of(expectations, since, before.Gaps ?? []));
            }

            var gaps = unbroken ? Gaps(before!, now) : [];
            return new DocumentChange<IReadOnlyDictionary<Expectation, Watched>>(
                Of(expectations, since, gaps),
                MonitorDocuments.Write(Partition, Id, new WatchState { At = UtcMilliseconds.Text(now), Since = since, Gaps = gaps }));
        }, cancellationToken);

    private static Dictionary<Expectation, Watched> Of(
        IEnumerable<Expectation> expectations, Dictionary<string, WatchedExpectation> since, IReadOnlyList<WatchGap> gaps) =>
        expectations.ToDictionary(one => one, one => new Watched(MonitorTime.Parse(since[one.Partition].At), gaps));

    private List<WatchGap> Gaps(WatchState before, DateTimeOffset now)
    {
        List<WatchGap> gaps = [.. before.Gaps ?? []];
        if (schedule.Overdue(MonitorTime.Parse(before.At) + WriteEvery, now) is var gap && gap > TimeSpan.Zero)
        {
            gaps.Add(new(UtcMilliseconds.Text(now), gap.Ticks));
        }

        if (gaps.Count > MaxGaps)
        {
            // The two oldest as one, which puts an alarm off rather than raising it too early.
            gaps[1] = gaps[1] with { Ticks = gaps[0].Ticks + gaps[1].Ticks };
            gaps.RemoveAt(0);
        }

        return gaps;
    }

    private static WatchedExpectation? Since(WatchState before, Expectation one) =>
        before.Since.GetValueOrDefault(one.Partition) is { } watched && watched.EveryTicks == one.Every.Ticks ? watched : null;

    private static WatchedExpectation From(DateTimeOffset now, Expectation one) => new(UtcMilliseconds.Text(now), one.Every.Ticks);
}
