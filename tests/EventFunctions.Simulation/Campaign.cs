using System.Diagnostics;
using System.Globalization;
using EventFunctions.Simulation.World;

namespace EventFunctions.Simulation;

/// <summary>Which seeds are simulated, and what is printed.</summary>
internal sealed record CampaignOptions
{
    public ulong Seeds { get; init; } = 1_000;

    public ulong From { get; init; }

    /// <summary>Whether the steps of every world are printed.</summary>
    public bool Tells { get; init; }

    /// <summary>Whether the hash of each world's trace is printed.</summary>
    public bool Hashes { get; init; }

    /// <summary>Whether what was found is told in one line, and not shrunk.</summary>
    public bool IsBrief { get; init; }

    /// <summary>After which time no new seed is begun.</summary>
    public TimeSpan Budget { get; init; } = TimeSpan.MaxValue;
}

/// <summary>Simulates many seeds, one world per thread at a time, and reports.</summary>
internal sealed class Campaign(CampaignOptions options, TextWriter output)
{
    // Of processor time, so that a busy machine or a stopped process is no finding.
    private static readonly TimeSpan LongestWorld = TimeSpan.FromSeconds(30);

    private readonly Lock _lock = new();
    private readonly Dictionary<ulong, TimeSpan> _running = [];
    private readonly SortedDictionary<ulong, ulong> _hashes = [];
    private readonly long[] _faults = new long[Enum.GetValues<FaultKind>().Length];
    private readonly long _started = Stopwatch.GetTimestamp();
    private ulong _next = options.From;
    private long _events;
    private long _steps;
    private TimeSpan _time;

    /// <summary>How many seeds were simulated.</summary>
    public long Seeds { get; private set; }

    /// <summary>The world of the lowest seed that failed; null if none did.</summary>
    public WorldResult? Failed { get; private set; }

    /// <summary>Simulates the seeds.</summary>
    /// <returns>0 if nothing was found, else 1.</returns>
    public int Run()
    {
        var threads = Enumerable.Range(0, Environment.ProcessorCount).Select(_ => new Thread(Work) { IsBackground = true }).ToList();
        threads.ForEach(thread => thread.Start());
        foreach (var thread in threads)
        {
            while (!thread.Join(LongestWorld))
            {
                if (Stuck() is { } seed)
                {
                    output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Seed {seed} has not ended after {LongestWorld.TotalSeconds} s of processor time: something in it loops without a step."));
                    return 1;
                }
            }
        }

        Report();
        if (Failed is null)
        {
            return 0;
        }

        if (options.IsBrief)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Found {Failed.Scenario.Seed} {Failed.Steps} {Failed.Violation!.Split('\n')[0]}"));
            return 1;
        }

        output.WriteLine();
        output.WriteLine($"Seed {Failed.Scenario.Seed}: {Failed.Violation}");
        foreach (var line in Shrinking.Shrink(Failed, output).Trace.Lines)
        {
            output.WriteLine(line);
        }

        return 1;
    }

    // A loop that takes no step cannot be ended from outside.
    private ulong? Stuck()
    {
        lock (_lock)
        {
            var longest = LongestWorld * Environment.ProcessorCount;
            return _running.Where(one => Environment.CpuUsage.TotalTime - one.Value > longest).Select(one => (ulong?)one.Key).Min();
        }
    }

    private void Work()
    {
        var graph = Surroundings.Services();
        while (TryTake(out var seed))
        {
            var result = new SimulatedWorld(graph, new Scenario(seed) { Tells = options.Tells }).Run();
            lock (_lock)
            {
                Add(seed, result);
            }
        }
    }

    private bool TryTake(out ulong seed)
    {
        lock (_lock)
        {
            seed = _next;
            if (Failed is not null || seed >= options.From + options.Seeds || Stopwatch.GetElapsedTime(_started) >= options.Budget)
            {
                return false;
            }

            _running[_next++] = Environment.CpuUsage.TotalTime;
            return true;
        }
    }

    private void Add(ulong seed, WorldResult result)
    {
        _running.Remove(seed);
        (Seeds, _events, _steps, _time) = (Seeds + 1, _events + result.Events, _steps + result.Steps, _time + result.Time);
        for (var kind = 0; kind < _faults.Length; kind++)
        {
            _faults[kind] += result.Faults[kind];
        }

        _hashes[seed] = result.Trace.Hash;
        if (result.Violation is not null && !(Failed?.Scenario.Seed < seed))
        {
            Failed = result;
        }

        foreach (var line in options.Tells ? result.Trace.Lines : [])
        {
            output.WriteLine(line);
        }
    }

    private void Report()
    {
        foreach (var (seed, hash) in options.Hashes ? _hashes : [])
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seed} {hash:x16}"));
        }

        var seconds = Stopwatch.GetElapsedTime(_started).TotalSeconds;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture, $"{Seeds} seeds, {_events} events, {_time.TotalDays:F0} simulated days, {_steps} steps, {seconds:F1} s, {Seeds / seconds:F0} seeds/s, {Environment.CpuUsage.TotalTime.TotalMilliseconds / Seeds:F1} ms of processor time each"));
        output.WriteLine(string.Join(", ", Enum.GetValues<FaultKind>().Select(kind => string.Create(CultureInfo.InvariantCulture, $"{kind} {_faults[(int)kind]}"))));
    }
}
