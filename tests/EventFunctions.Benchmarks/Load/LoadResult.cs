using HdrHistogram;

namespace EventFunctions.Benchmarks.Load;

/// <summary>What one run of the load generator saw; latencies in microseconds.</summary>
internal sealed record LoadResult(long Answered, long Failed, string? Failure, TimeSpan Elapsed, LongHistogram Latencies)
{
    public double PerSecond => Answered / Elapsed.TotalSeconds;

    public TimeSpan P50 => TimeSpan.FromMicroseconds(Latencies.GetValueAtPercentile(50));

    public TimeSpan P99 => TimeSpan.FromMicroseconds(Latencies.GetValueAtPercentile(99));

    public static LoadResult Of(IReadOnlyCollection<LoadGenerator.Worker> workers, TimeSpan elapsed)
    {
        var all = new LongHistogram(LoadGenerator.Worker.MaxMicroseconds, 3);
        foreach (var worker in workers)
        {
            all.Add(worker.Latencies);
        }

        return new(
            workers.Sum(w => w.Answered),
            workers.Sum(w => w.Failed),
            workers.Select(w => w.Failure).FirstOrDefault(f => f is not null),
            elapsed,
            all);
    }

    /// <summary>Itself, or an exception where any request failed: a ratio of errors says nothing.</summary>
    public LoadResult MustBeClean() =>
        Failed == 0 ? this : throw new InvalidOperationException($"{Failed} of {Failed + Answered} requests failed, the first with {Failure}");
}
