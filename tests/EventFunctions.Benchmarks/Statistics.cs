namespace EventFunctions.Benchmarks;

/// <summary>What several runs come to.</summary>
internal static class Statistics
{
    /// <summary>Returns the median, of an even number of values the upper one.</summary>
    /// <param name="values">At least one value.</param>
    public static double Median(IEnumerable<double> values) => values.Order().ToList() is var sorted ? sorted[sorted.Count / 2] : 0;
}
