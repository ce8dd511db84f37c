using System.Diagnostics;
using System.Globalization;

namespace EventFunctions.Simulation.Planted;

/// <summary>Runs the simulation on a core with a planted fault, in a process of its own.</summary>
internal sealed class PlantedRun : IDisposable
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(1);

    // The seed that is being simulated is brought to its end.
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(2);

    private readonly string _folder = Directory.CreateTempSubdirectory("planted").FullName;

    public PlantedRun()
    {
        foreach (var file in Directory.EnumerateFiles(AppContext.BaseDirectory).Where(file => Path.GetExtension(file) is ".dll" or ".json"))
        {
            File.Copy(file, Path.Combine(_folder, Path.GetFileName(file)));
        }
    }

    /// <summary>Where the core with the fault belongs.</summary>
    public string Core => Path.Combine(_folder, "EventFunctions.Core.dll");

    /// <summary>Simulates seeds until one finds the fault: first the seed that found it before, unless the service has changed since.</summary>
    /// <param name="fault">The fault, which <see cref="Core"/> has.</param>
    /// <param name="options">The first seed, how many seeds, and the time.</param>
    /// <returns>What the simulation found; null if it found nothing in time.</returns>
    public async Task<PlantedFinding?> FindAsync(PlantedFault fault, CampaignOptions options)
    {
        var timeout = options.Budget < Longest ? options.Budget : Longest;
        return (fault.Seed is { } seed ? await RunAsync(seed, 1, Longest) : null) ?? await RunAsync(options.From, options.Seeds, timeout);
    }

    private async Task<PlantedFinding?> RunAsync(ulong from, ulong seeds, TimeSpan timeout)
    {
        var start = new ProcessStartInfo(
            "dotnet", ["exec", Path.Combine(_folder, "EventFunctions.Simulation.dll"), "--brief", "--from", Text(from), "--seeds", Text(seeds), "--seconds", Text(timeout.TotalSeconds)])
        {
            RedirectStandardOutput = true,
            Environment = { ["DOTNET_TieredPGO"] = "0" },
        };
        using var process = Process.Start(start)!;
        using var end = new CancellationTokenSource(timeout + Grace);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(end.Token);
            await process.WaitForExitAsync(end.Token);
            return process.ExitCode == 1 ? PlantedFinding.Read(output) : null;
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            return null;
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static string Text(IFormattable value) => value.ToString("F0", CultureInfo.InvariantCulture);
}

/// <summary>What the simulation found.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="Steps">The steps of its world.</param>
/// <param name="Violation">What must not happen.</param>
internal sealed record PlantedFinding(ulong Seed, long Steps, string Violation)
{
    /// <summary>Reads the line that a brief campaign ends with.</summary>
    public static PlantedFinding? Read(string output)
    {
        if (output.Split('\n').FirstOrDefault(line => line.StartsWith("Found ", StringComparison.Ordinal)) is not { } line)
        {
            return null;
        }

        var words = line.Split(' ', 4);
        return new PlantedFinding(ulong.Parse(words[1], CultureInfo.InvariantCulture), long.Parse(words[2], CultureInfo.InvariantCulture), words[3]);
    }
}
