using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.Extensions.Options;

namespace EventFunctions.Monitoring;

/// <summary>Records when expected events arrived: for a batch once per monitor, and only if newer than the recorded time.</summary>
public sealed class Arrivals(IDocumentStore documents, IProducerRegistry producers, TimeProvider time, IOptions<MonitoringOptions> options)
{
    // Who meets a monitor that is being written by others this often tries the batch again later.
    private const int MaxAttempts = 20;

    private const int MaxConcurrency = 64;

    /// <summary>Records arrivals.</summary>
    /// <param name="records">Records, in any order, also again.</param>
    /// <param name="cancellationToken">Ends the work, which may be repeated.</param>
    /// <exception cref="StoreUnavailableException">Not everything could be written now; the same call may succeed later.</exception>
    public async Task RecordAsync(IReadOnlyList<EventRecord> records, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(records);
        var newest = new Dictionary<(string Partition, string Id), (Expectation Expectation, string? Subject, DateTimeOffset At)>();

        // Once for all events of a producer: one that is registered no more takes the registry a second to be sure of.
        foreach (var sent in records.GroupBy(record => record.Producer, StringComparer.Ordinal))
        {
            if (await producers.FindByNameAsync(sent.Key, cancellationToken) is { } producer)
            {
                NoteAll(producer, sent);
            }
        }

        var parallel = new ParallelOptions { MaxDegreeOfParallelism = MaxConcurrency, CancellationToken = cancellationToken };
        await Parallel.ForEachAsync(newest, parallel, async (one, token) =>
            await RecordAsync(one.Value.Expectation, one.Key.Id, one.Value.Subject, one.Value.At, token));

        void NoteAll(Producer producer, IEnumerable<EventRecord> sent)
        {
            foreach (var record in sent)
            {
                if (Expectation.Of(producer, record.Event.Type) is not { } expectation)
                {
                    continue;
                }

                Note(expectation, Expectation.WholeId, subject: null, record.RecordedAt);
                if (expectation.PerEntity && record.Entity is { } entity)
                {
                    Note(expectation, Expectation.EntityId(entity), entity.Subject, record.RecordedAt);
                }
            }
        }

        void Note(Expectation expectation, string id, string? subject, DateTimeOffset at)
        {
            if (!newest.TryGetValue((expectation.Partition, id), out var known) || known.At < at)
            {
                newest[(expectation.Partition, id)] = (expectation, subject, at);
            }
        }
    }

    private async Task RecordAsync(Expectation expectation, string id, string? subject, DateTimeOffset at, CancellationToken cancellationToken)
    {
        // The clock of the instance that recorded it may be ahead, and the next event is not due later for that.
        var now = time.GetUtcNow();
        var came = UtcMilliseconds.Text(at < now ? at : now);
        for (var attempt = 0; attempt < MaxAttempts; attempt++)
        {
            var found = await documents.ReadAsync(DocumentContainer.State, expectation.Partition, id, cancellationToken);
            var monitor = found is null ? new ProducerMonitor { Subject = subject } : MonitorDocuments.Read(found);
            if (monitor.LastAt is { } last && string.CompareOrdinal(came, last) <= 0)
            {
                return;
            }

            monitor = monitor with { LastAt = came, EveryTicks = expectation.Every.Ticks };
            var document = MonitorDocuments.Write(expectation, id, monitor with { DueAt = DueAt(expectation, id, monitor, now) });
            var etag = found is null
                ? await documents.CreateAsync(DocumentContainer.State, document, cancellationToken)
                : await documents.ReplaceAsync(DocumentContainer.State, document, found.ETag, cancellationToken);
            if (etag is not null)
            {
                return;
            }
        }

        throw new StoreUnavailableException($"A monitor of {expectation.Producer} has too many concurrent writers.");
    }

    private string? DueAt(Expectation expectation, string id, ProducerMonitor monitor, DateTimeOffset now) => monitor switch
    {
        // Whoever publishes it looks again when that is settled.
        { Pending: not null } => monitor.DueAt,
        { Missing: not null } => UtcMilliseconds.Text(now),
        _ when expectation.PerEntity && id == Expectation.WholeId => null,
        _ => UtcMilliseconds.Text(MonitorTime.Parse(monitor.LastAt!) + expectation.Every + options.Value.Grace),
    };
}
