using System.Globalization;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Monitoring;

/// <summary>
/// Publishes once that expected events are missing, and once that they arrive again. The event to publish is first stored with the ETag of
/// the state it was decided on, so that only one instance publishes, and a crash causes at most a repeat with the same ID.
/// </summary>
internal sealed class ProducerWatch(
    IDocumentStore documents,
    IProducerRegistry producers,
    WatchLog log,
    Arrivals arrivals,
    OwnEventPublisher publisher,
    TimeProvider time,
    IOptions<MonitoringOptions> options,
    ILogger<ProducerWatch> logger)
{
    /// <summary>How long a look takes at most.</summary>
    public static readonly TimeSpan LookBudget = TimeSpan.FromSeconds(45);

    private const int PageSize = 100;
    private const int MaxConcurrency = 16;

    // Longer than a look may take: until then what one instance publishes is left alone by others.
    private static readonly TimeSpan Claim = TimeSpan.FromMinutes(2);
    private readonly MonitoringOptions _options = options.Value;

    /// <summary>Looks once at everything that is due, for less than a minute.</summary>
    /// <param name="cancellationToken">Ends the look, which goes on with the next.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be used now.</exception>
    public async Task LookAsync(CancellationToken cancellationToken)
    {
        var end = time.GetUtcNow() + LookBudget;
        var expectations = (from producer in await producers.ListAsync(cancellationToken)
                            from type in producer.Types.Keys
                            let expectation = Expectation.Of(producer, type)
                            where expectation is not null
                            select expectation).ToList();
        if (expectations.Count == 0)
        {
            return;
        }

        foreach (var (expectation, watched) in await log.LookAsync(expectations, cancellationToken))
        {
            await LookAsync(expectation, watched, end, cancellationToken);
        }
    }

    private async Task LookAsync(Expectation expectation, Watched watched, DateTimeOffset end, CancellationToken cancellationToken)
    {
        await UpdateWholeAsync(expectation, watched, cancellationToken);
        var query = new DocumentQuery(DocumentContainer.State) { Partition = expectation.Partition, OrderBy = "dueAt", Limit = PageSize };
        do
        {
            var page = await documents.QueryAsync(query with { To = UtcMilliseconds.Text(time.GetUtcNow().AddMilliseconds(1)) }, cancellationToken);
            var parallel = BackgroundTask.InParallel(MaxConcurrency, cancellationToken);
            await Parallel.ForEachAsync(page.Items, parallel, async (due, token) =>
                await SettleAsync(expectation, watched, due.Id, MonitorDocuments.Read(due), due.ETag, token));
            query = query with { Continuation = page.Continuation };
        }
        while (query.Continuation is not null && time.GetUtcNow() < end);
    }

    // The monitor of all of the type's events exists from the first look on. For an expectation of each entity, it only says up to where
    // events were read.
    private Task<bool> UpdateWholeAsync(Expectation expectation, Watched watched, CancellationToken cancellationToken) => documents.ChangeAsync<bool>(
        DocumentContainer.State,
        expectation.Partition,
        Expectation.WholeId,
        time,
        async found =>
        {
            var monitor = found is null ? new ProducerMonitor() : MonitorDocuments.Read(found);
            if (monitor.Pending is not null)
            {
                return default;
            }

            var next = expectation.PerEntity ? await ReadEntitiesAsync(expectation, watched, monitor, cancellationToken)
                : monitor is { Missing: not null, HasResumed: false }
                    && await arrivals.FindNewestAsync(expectation, null, monitor.LastAt, cancellationToken) is { } came
                    ? monitor with { LastAt = UtcMilliseconds.Text(came), DueAt = UtcMilliseconds.Text(time.GetUtcNow()) }
                : monitor is { Missing: null, DueAt: null } || monitor.EveryTicks != expectation.Every.Ticks
                    ? monitor with { DueAt = monitor.Missing is null ? UtcMilliseconds.Text(Deadline(expectation, watched, monitor)) : monitor.DueAt }
                : monitor;
            next = next with { EveryTicks = expectation.Every.Ticks };
            return found is not null && next == monitor ? default : new(true, MonitorDocuments.Write(expectation, Expectation.WholeId, next));
        },
        cancellationToken);

    private async Task<ProducerMonitor> ReadEntitiesAsync(Expectation expectation, Watched watched, ProducerMonitor monitor, CancellationToken cancellationToken)
    {
        var since = monitor.LastAt is { } last ? MonitorTime.Parse(last) : watched.Since;
        var newest = await arrivals.RecordAsync(expectation, since, cancellationToken);
        var lastAt = newest is { } at && (monitor.LastAt is null || at > since) ? UtcMilliseconds.Text(at) : monitor.LastAt;
        return monitor with { LastAt = lastAt, DueAt = null, Missing = null };
    }

    private async Task SettleAsync(
        Expectation expectation, Watched watched, string id, ProducerMonitor monitor, string etag, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var next = monitor;
        if (monitor.Pending is null)
        {
            if (expectation.PerEntity == (id == Expectation.WholeId))
            {
                // It was expected of each entity once and is not now, or the other way round.
                next = monitor with { DueAt = null, Missing = null };
            }
            else if (monitor.Missing is { } missing)
            {
                next = monitor with { Pending = monitor.HasResumed ? Resumed(missing, monitor.LastAt!, now) : null, DueAt = null };
            }
            else if (Deadline(expectation, watched, monitor) is var deadline && deadline > now)
            {
                next = monitor with { DueAt = UtcMilliseconds.Text(deadline) };
            }
            else
            {
                if (await arrivals.FindNewestAsync(expectation, monitor.Entity, monitor.LastAt, cancellationToken) is { } came)
                {
                    next = monitor with { LastAt = UtcMilliseconds.Text(came) };
                }

                next = Deadline(expectation, watched, next) is var later && later > now
                    ? next with { DueAt = UtcMilliseconds.Text(later) }
                    : next with { Pending = Missing(expectation, id, watched, next, now) };
            }
        }

        if (next.Pending is not null)
        {
            next = next with { DueAt = UtcMilliseconds.Text(now + Claim) };
        }

        if (await documents.ReplaceAsync(DocumentContainer.State, MonitorDocuments.Write(expectation, id, next), etag, cancellationToken) is not null
            && next.Pending is { } notice)
        {
            await PublishAsync(expectation, id, next.Entity, notice, cancellationToken);
        }
    }

    private async Task PublishAsync(Expectation expectation, string id, EntityKey? entity, MonitorNotice notice, CancellationToken cancellationToken)
    {
        try
        {
            await publisher.PublishAsync(MonitorEvent.Create(expectation, entity, notice), cancellationToken);
        }
        catch (PublishException e)
        {
            logger.LogError(e, "Could not publish whether {Type} of {Producer} is missing; retrying.", expectation.Type, expectation.Producer);
            return;
        }

        logger.LogWarning("Published {Notice} for {Producer}'s {Type}.", notice.Type, expectation.Producer, expectation.Type);
        await documents.ChangeAsync<bool>(DocumentContainer.State, expectation.Partition, id, time, found =>

            // Another instance may have settled it when the claim was over.
            found is not null && MonitorDocuments.Read(found) is var monitor && monitor.Pending?.Id == notice.Id
                ? new(true, MonitorDocuments.Write(expectation, id, Settled(expectation, monitor, notice)))
                : default, cancellationToken);
    }

    private ProducerMonitor Settled(Expectation expectation, ProducerMonitor monitor, MonitorNotice notice)
    {
        var settled = monitor with { Pending = null, Missing = notice.Type == MonitorEvent.MissingType ? notice : null };
        return settled with
        {
            DueAt = settled.HasResumed ? UtcMilliseconds.Text(time.GetUtcNow())
                : settled.Missing is not null ? null
                : UtcMilliseconds.Text(MonitorTime.Parse(monitor.LastAt!) + expectation.Every + _options.Grace),
        };
    }

    // What could not be sent while the service was down may come that much later.
    private DateTimeOffset Deadline(Expectation expectation, Watched watched, ProducerMonitor monitor)
    {
        var begin = Begin(watched, monitor);
        return begin + expectation.Every + _options.Grace + watched.DownSince(begin);
    }

    private static DateTimeOffset Begin(Watched watched, ProducerMonitor monitor) =>
        monitor.LastAt is { } text && MonitorTime.Parse(text) is var last && last > watched.Since ? last : watched.Since;

    private static MonitorNotice Missing(Expectation expectation, string id, Watched watched, ProducerMonitor monitor, DateTimeOffset now)
    {
        var begin = Begin(watched, monitor);
        return new MonitorNotice(
            MonitorEvent.MissingType,
            string.Create(CultureInfo.InvariantCulture, $"missing-{expectation.NameOf(id)}-{begin.ToUnixTimeMilliseconds()}"),
            UtcMilliseconds.Text(now),
            expectation.Every.Ticks,
            monitor.LastAt,
            UtcMilliseconds.Text(begin + expectation.Every),
            ResumedAt: null);
    }

    private static MonitorNotice Resumed(MonitorNotice missing, string lastAt, DateTimeOffset now) => missing with
    {
        Type = MonitorEvent.ResumedType,
        Id = "resumed" + missing.Id["missing".Length..],
        Time = UtcMilliseconds.Text(now),
        ResumedAt = lastAt,
    };
}
