using System.Collections.Immutable;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Monitoring;

/// <summary>Reads the state of a producer's expectations.</summary>
public sealed class ExpectationReader(IDocumentStore documents, Arrivals arrivals)
{
    /// <summary>The most entities that are looked at for one type.</summary>
    public const int MaxEntities = 1_000;

    /// <summary>The most entities that are listed for one type.</summary>
    public const int MaxMissing = 100;

    /// <summary>Reads the state of each expectation, in the order of the types.</summary>
    /// <param name="producer">The producer.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<IReadOnlyList<ExpectationState>> ReadAsync(Producer producer, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(producer);
        var states = new List<ExpectationState>();
        foreach (var type in producer.Types.Keys.Order(StringComparer.Ordinal))
        {
            if (Expectation.Of(producer, type) is { } expectation)
            {
                states.Add(await ReadAsync(expectation, cancellationToken));
            }
        }

        return states;
    }

    private async Task<ExpectationState> ReadAsync(Expectation expectation, CancellationToken cancellationToken)
    {
        var found = await documents.ReadAsync(DocumentContainer.State, expectation.Partition, Expectation.WholeId, cancellationToken);
        var whole = found is null ? null : MonitorDocuments.Read(found);
        var last = await arrivals.FindNewestAsync(expectation, null, null, cancellationToken);
        if (!expectation.PerEntity)
        {
            return new(expectation, last, whole is null ? [] : Missing([whole with { LastAt = last is { } at ? UtcMilliseconds.Text(at) : whole.LastAt }]), IsWhole: true);
        }

        var query = new DocumentQuery(DocumentContainer.State) { Partition = expectation.Partition, Limit = MaxEntities };
        var page = await documents.QueryAsync(query, cancellationToken);
        var missing = Missing(page.Items.Where(document => document.Id != Expectation.WholeId).Select(MonitorDocuments.Read));
        return new(expectation, last, [.. missing.Take(MaxMissing)], page.Continuation is null && missing.Length <= MaxMissing);
    }

    private static ImmutableArray<MissingEvents> Missing(IEnumerable<ProducerMonitor> monitors) =>
    [
        .. monitors
            .Select(monitor => monitor is { Missing: { } missing, HasResumed: false }
                ? new MissingEvents(monitor.Entity, MonitorTime.Parse(missing.ExpectedBy), MonitorTime.Parse(missing.Time))
                : null)
            .OfType<MissingEvents>()
            .OrderBy(missing => missing.ExpectedBy),
    ];
}
