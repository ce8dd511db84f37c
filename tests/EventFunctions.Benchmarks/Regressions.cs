using System.Globalization;
using System.Text.Json;
using EventFunctions.Benchmarks.Scenarios;
using Spectre.Console;

namespace EventFunctions.Benchmarks;

/// <summary>Compares with what was recorded, and with another build. Returns the exit code: 1 if too much is lost.</summary>
internal static class Regressions
{
    private const double LeastOfRecorded = 0.6;
    private const double MostLoss = 0.10;

    /// <summary>Measures shortly and compares with the recorded ratios.</summary>
    /// <param name="file">The file with the recorded ratios.</param>
    /// <param name="records">Whether the file is written instead.</param>
    /// <param name="connections">How many requests are in progress at once.</param>
    public static async Task<int> CheckAsync(string file, bool records, int connections)
    {
        var rounds = await new CheckScenario(connections).RunAsync();
        var reached = new CheckRatio(Statistics.Median(rounds.Select(round => round.Rate)), Statistics.Median(rounds.Select(round => round.Cpu)));
        if (records)
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(reached, Indented) + Environment.NewLine);
        }

        var recorded = JsonSerializer.Deserialize<CheckRatio>(await File.ReadAllTextAsync(file))!;
        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"whole way ÷ bare requests: {reached.Rate:F3} of the rate (recorded: {recorded.Rate:F3}), {reached.Cpu:F3} of the processor time (recorded: {recorded.Cpu:F3})"));

        // Where other work takes the cores, rates fall and processor time hardly does.
        if (Math.Max(reached.Rate / recorded.Rate, reached.Cpu / recorded.Cpu) >= LeastOfRecorded)
        {
            return 0;
        }

        AnsiConsole.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Both are below {LeastOfRecorded} of what is recorded in {file}. Find the loss with .ci/compare, or record the new ratio with --record."));
        return 1;
    }

    /// <summary>Compares two builds in pairs.</summary>
    /// <param name="scenario">The builds.</param>
    public static async Task<int> CompareAsync(CompareScenario scenario)
    {
        var pairs = await scenario.RunAsync();
        var table = new Table().AddColumns("events/s before", "after", "ratio", "host CPU per event before", "after", "ratio");
        foreach (var pair in pairs)
        {
            table.AddRow(
                $"{pair.Before.PerSecond:N0}",
                $"{pair.After.PerSecond:N0}",
                $"{pair.Rate:F2}",
                $"{pair.Before.CpuPerEvent.TotalMicroseconds:N0} µs",
                $"{pair.After.CpuPerEvent.TotalMicroseconds:N0} µs",
                $"{pair.Cpu:F2}");
        }

        AnsiConsole.Write(table);
        var (rate, cpu) = (Statistics.Median(pairs.Select(pair => pair.Rate)), Statistics.Median(pairs.Select(pair => pair.Cpu)));
        AnsiConsole.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median: {rate:F2} of the rate, {cpu:F2} of the processor time"));
        return cpu > 1 + MostLoss ? 1 : 0;
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
}
