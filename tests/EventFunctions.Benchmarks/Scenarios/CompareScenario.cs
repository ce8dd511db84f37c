namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>The whole way on two builds of the host, in alternating pairs.</summary>
/// <param name="before">The folder of the build to compare with.</param>
/// <param name="after">The folder of the other build.</param>
/// <param name="rounds">How many pairs.</param>
/// <param name="seconds">How long each run of a pair takes.</param>
/// <param name="connections">How many requests are in progress at once.</param>
internal sealed class CompareScenario(string before, string after, int rounds, TimeSpan seconds, int connections)
{
    /// <summary>Returns the pairs.</summary>
    public async Task<IReadOnlyList<ComparedPair>> RunAsync()
    {
        await using var first = await WholeWay.StartAsync(connections, before);
        await using var second = await WholeWay.StartAsync(connections, after);
        var pairs = new List<ComparedPair>();
        for (var round = 0; round < rounds; round++)
        {
            // The one that comes second finds a warm machine, so they take turns.
            pairs.Add(round % 2 == 0
                ? new(Before: await first.MeasureAsync(seconds), After: await second.MeasureAsync(seconds))
                : new(After: await second.MeasureAsync(seconds), Before: await first.MeasureAsync(seconds)));
        }

        return pairs;
    }
}

/// <summary>What two builds came to, one after the other.</summary>
internal sealed record ComparedPair(WholeWayResult Before, WholeWayResult After)
{
    /// <summary>The rate after to the rate before.</summary>
    public double Rate => After.PerSecond / Before.PerSecond;

    /// <summary>The processor time after to that before.</summary>
    public double Cpu => After.CpuPerEvent / Before.CpuPerEvent;
}
