using System.Buffers;
using EventFunctions.Local.SampleProducer;

namespace EventFunctions.Local.Demo;

/// <summary>Compares the recorded events with the sent events.</summary>
/// <param name="api">The service.</param>
/// <param name="plan">What was sent.</param>
public sealed class DemoCheck(EventsApi api, DemoPlan plan)
{
    private const int PageSize = 500;
    private const int Readers = 16;

    // Full data is compared for so many events, spread evenly; the records are compared all.
    private const int MaxDataRead = 1_000;

    private readonly List<string> _differences = [];
    private readonly Dictionary<string, EventView> _records = new(StringComparer.Ordinal);

    /// <summary>The differences, one line per event.</summary>
    public IReadOnlyList<string> Differences => _differences;

    /// <summary>The records by event ID.</summary>
    public IReadOnlyDictionary<string, EventView> Records => _records;

    /// <summary>How many events' full data was compared.</summary>
    public int DataCompared { get; private set; }

    /// <summary>Reads everything and compares.</summary>
    /// <param name="cancellationToken">Ends the check.</param>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        await ReadRecordsAsync(cancellationToken);
        var fetches = await api.GetFetchesAsync(cancellationToken);
        foreach (var planned in plan.Events)
        {
            if (Difference(planned, fetches) is { } difference)
            {
                _differences.Add($"{planned.Id}: {difference}");
            }
        }

        var ids = plan.Events.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        _differences.AddRange(_records.Keys.Where(id => !ids.Contains(id)).Select(id => $"{id}: recorded, but never sent"));
        await CompareDataAsync(cancellationToken);
    }

    private async Task ReadRecordsAsync(CancellationToken cancellationToken)
    {
        string? continuation = null;
        do
        {
            var page = await api.ListAsync("source=" + Uri.EscapeDataString(SampleProducers.Source), PageSize, continuation, cancellationToken);
            foreach (var record in page.Items)
            {
                if (!_records.TryAdd(record.Id, record))
                {
                    _differences.Add($"{record.Id}: listed twice");
                }
            }

            continuation = page.Continuation;
        }
        while (continuation is not null);
    }

    private string? Difference(PlannedEvent planned, IReadOnlyDictionary<string, int> fetches)
    {
        if (!_records.TryGetValue(planned.Id, out var record))
        {
            return "sent, but not recorded";
        }

        if (record.Status != planned.ExpectedStatus || record.Reason != planned.ExpectedReason)
        {
            return $"expected {planned.ExpectedStatus} {planned.ExpectedReason}, is {record.Status} {record.Reason}";
        }

        if (record.Type != planned.Type || record.Subject != planned.Subject)
        {
            return $"expected {planned.Type} of {planned.Subject}, is {record.Type} of {record.Subject}";
        }

        return fetches.ContainsKey(planned.Subject) ? null : "the producer was never asked for its data";
    }

    private async Task CompareDataAsync(CancellationToken cancellationToken)
    {
        var completed = plan.Events.Where(e => _records.TryGetValue(e.Id, out var record) && record.Status == "completed").ToArray();
        var every = 1 + (completed.Length / MaxDataRead);
        var chosen = completed.Where((_, i) => i % every == 0).ToArray();
        DataCompared = chosen.Length;
        var wrong = new bool[chosen.Length];
        await Parallel.ForEachAsync(
            chosen.Index(),
            new ParallelOptions { MaxDegreeOfParallelism = Readers, CancellationToken = cancellationToken },
            async (item, cancellation) =>
            {
                var expected = new ArrayBufferWriter<byte>();
                PolicyDocument.Write(item.Item.Number, expected);
                var data = await api.GetDataAsync(item.Item.Key, cancellation);
                wrong[item.Index] = !expected.WrittenSpan.SequenceEqual(data);
            });
        _differences.AddRange(chosen.Where((_, i) => wrong[i]).Select(e => $"{e.Id}: its full data is not what the producer serves"));
    }
}
