using System.Diagnostics;
using System.Globalization;
using System.IO.MemoryMappedFiles;

namespace EventFunctions.Fuzzing;

/// <summary>Fuzzes readers in turns until a number of executions or a time is reached, and prints what was found.</summary>
internal sealed class LongRun(int seed, long executions, TimeSpan time, string? only, FileInfo? last)
{
    private const int Turn = 20_000;
    private const int MaxKept = 1 << 20;

    private static readonly TimeSpan ReportEvery = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan WatchEvery = TimeSpan.FromSeconds(30);

    // Of processor time: a busy machine may let the process wait for long.
    private static readonly TimeSpan HungAfter = TimeSpan.FromSeconds(20);

    private byte[] _input = [];
    private byte[]? _watchedInput;
    private TimeSpan _watchedTime;

    /// <summary>Runs, and returns the exit code.</summary>
    public int Run()
    {
        using var kept = last is null ? null : MemoryMappedFile.CreateFromFile(last.FullName, FileMode.Create, null, MaxKept + sizeof(int));
        using var view = kept?.CreateViewAccessor();
        var runs = FuzzTargets.All
            .Where(target => only is null || target.Name.Contains(only, StringComparison.Ordinal))
            .Select((target, index) => (Target: target, Run: new FuzzRun(target, seed + (index * 1_000_003)) { Reading = input => Keep(input, view) }))
            .ToList();
        using var watch = new Timer(_ => EndIfHung(), null, WatchEvery, WatchEvery);
        var clock = Stopwatch.StartNew();
        var reported = TimeSpan.Zero;
        var printed = new HashSet<FuzzFinding>();
        foreach (var (_, run) in runs)
        {
            run.ReadSeeds();
        }

        while (runs.Count > 0 && clock.Elapsed < time && runs.Sum(one => one.Run.Executions) < executions)
        {
            foreach (var (_, run) in runs.TakeWhile(_ => clock.Elapsed < time))
            {
                run.Run(Turn);
                foreach (var finding in run.Findings.Where(printed.Add))
                {
                    Console.WriteLine(finding);
                    Console.WriteLine();
                }
            }

            if (clock.Elapsed - reported > ReportEvery)
            {
                reported = clock.Elapsed;
                Console.WriteLine(Total(runs.Select(one => one.Run), clock.Elapsed));
            }
        }

        foreach (var (target, run) in runs)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"{target.Name,-20} {run.Executions,14:N0} executions, {run.Bytes / Math.Max(1, run.Executions),6} bytes each, corpus {run.CorpusSize,5}, {run.Findings.Count} findings"));
        }

        Console.WriteLine(Total(runs.Select(one => one.Run), clock.Elapsed));
        return printed.Count == 0 && runs.Count > 0 ? 0 : 1;
    }

    private static string Total(IEnumerable<FuzzRun> runs, TimeSpan elapsed) => string.Create(
        CultureInfo.InvariantCulture, $"total {runs.Sum(run => run.Executions):N0} executions in {elapsed:hh\\:mm\\:ss}, {runs.Sum(run => run.Findings.Count)} findings");

    private void Keep(byte[] input, MemoryMappedViewAccessor? view)
    {
        Volatile.Write(ref _input, input);
        if (view is not null && input.Length <= MaxKept)
        {
            view.Write(0, input.Length);
            view.WriteArray(sizeof(int), input, 0, input.Length);
        }
    }

    private void EndIfHung()
    {
        var (input, used) = (Volatile.Read(ref _input), Environment.CpuUsage.TotalTime);
        if (ReferenceEquals(input, _watchedInput) && used - _watchedTime > HungAfter)
        {
            Console.WriteLine(new FuzzFinding("?", "hang", "does not return", input));
            Environment.Exit(2);
        }

        (_watchedInput, _watchedTime) = (input, used);
    }
}
