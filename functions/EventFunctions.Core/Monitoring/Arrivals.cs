using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Monitoring;

/// <summary>Finds expected events in the store. Monitoring writes nothing for an event.</summary>
public sealed class Arrivals(IDocumentStore documents, IEventStore events, TimeProvider time, IOptions<MonitoringOptions> options)
{
    // An event becomes visible some time after the moment that its record names, by a clock of another instance.
    private static readonly TimeSpan Overlap = TimeSpan.FromMinutes(1);

    private const int PageSize = 1_000;
    private const int MaxPages = 100;
    private const int MaxConcurrency = 16;

    private readonly TimeSpan _grace = options.Value.Grace;

    /// <summary>Finds when the newest event of an expectation was recorded.</summary>
    /// <param name="expectation">The expectation.</param>
    /// <param name="entity">The entity; null for all events of the type.</param>
    /// <param name="after">Only later events, by <see cref="UtcMilliseconds"/>; null for all.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null if there is none. A clock that is ahead counts as now.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<DateTimeOffset?> FindNewestAsync(Expectation expectation, EntityKey? entity, string? after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(expectation);
        var query = Query(expectation) with
        {
            Entity = entity,
            From = after is null ? null : MonitorTime.Parse(after).AddMilliseconds(1),
            Limit = 1,
        };
        return !(query.From >= query.To) && (await events.ListAsync(query, cancellationToken)).Items is [var newest] ? At(newest) : null;
    }

    /// <summary>
    /// Reads the expected events since a time: begins to watch their entities, and records that events of silent ones come again.
    /// </summary>
    /// <param name="expectation">An expectation of each entity.</param>
    /// <param name="since">When the newest event that was read before was recorded.</param>
    /// <param name="cancellationToken">Ends the work, which may be repeated.</param>
    /// <returns>When the newest event was recorded; null if there is none.</returns>
    /// <exception cref="StoreUnavailableException">Not everything could be read or written now.</exception>
    internal async Task<DateTimeOffset?> RecordAsync(Expectation expectation, DateTimeOffset since, CancellationToken cancellationToken)
    {
        var query = Query(expectation) with { From = since - Overlap, Limit = PageSize };
        HashSet<EntityKey> seen = [];
        DateTimeOffset? newest = null;
        for (var pages = 0; pages < MaxPages; pages++)
        {
            var page = await events.ListAsync(query, cancellationToken);
            newest ??= page.Items.Count > 0 ? At(page.Items[0]) : null;
            var parallel = BackgroundTask.InParallel(MaxConcurrency, cancellationToken);
            await Parallel.ForEachAsync(
                page.Items.Where(record => record.Entity is { } entity && seen.Add(entity)).ToList(),
                parallel,
                async (record, token) => await RecordAsync(expectation, record.Entity!.Value, UtcMilliseconds.Text(At(record)), token));
            if (page.Continuation is null)
            {
                break;
            }

            query = query with { Continuation = page.Continuation };
        }

        return newest;
    }

    private Task<bool> RecordAsync(Expectation expectation, EntityKey entity, string at, CancellationToken cancellationToken)
    {
        var id = Expectation.EntityId(entity);
        return documents.ChangeAsync<bool>(DocumentContainer.State, expectation.Partition, id, time, found =>
        {
            var monitor = found is null ? null : MonitorDocuments.Read(found);

            // One that is not silent is looked at when it is due, and asks for its newest event then.
            if (monitor is not null && (monitor is { Missing: null, Pending: null } || string.CompareOrdinal(at, monitor.LastAt) <= 0))
            {
                return default;
            }

            monitor = (monitor ?? new ProducerMonitor { Source = entity.Source, Subject = entity.Subject }) with
            {
                LastAt = at,
                EveryTicks = expectation.Every.Ticks,
                DueAt = monitor switch
                {
                    null => UtcMilliseconds.Text(MonitorTime.Parse(at) + expectation.Every + _grace),

                    // The instance that publishes it looks again when that is settled.
                    { Pending: not null } => monitor.DueAt,
                    _ => UtcMilliseconds.Text(time.GetUtcNow()),
                },
            };
            return new(true, MonitorDocuments.Write(expectation, id, monitor));
        }, cancellationToken);
    }

    // Not what a wrong clock recorded far ahead, which would count as new until then.
    private EventQuery Query(Expectation expectation) => new()
    {
        Source = expectation.OnlySource,
        Producer = expectation.OnlySource is null ? expectation.Producer : null,
        Type = expectation.Type,
        To = time.GetUtcNow() + _grace,
        WithData = false,
    };

    private DateTimeOffset At(EventRecord record) => time.GetUtcNow() is var now && record.RecordedAt < now ? record.RecordedAt : now;
}
