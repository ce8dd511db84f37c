using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;

namespace EventFunctions.Tests.Cosmos;

/// <summary>The servers that come from npm, installed beside the tests from the lock file, once for each content of it.</summary>
internal static class NodePackages
{
    /// <summary>Where the packages are, with the scripts that start them.</summary>
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "npm");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Installs what the lock file names, unless it is there.</summary>
    /// <returns>Null, or why there are none.</returns>
    public static async Task<string?> InstallAsync()
    {
        if (await RunAsync("node", ["--version"]) is { ExitCode: not 0 } noNode)
        {
            return $"There is no Node.js on this machine: {noNode.Output}";
        }

        using var installing = await LockAsync();
        var installed = Path.Combine(Folder, "installed");
        var wanted = Convert.ToHexString(SHA256.HashData(await File.ReadAllBytesAsync(Path.Combine(Folder, "package-lock.json"), Stop)));
        if (File.Exists(installed) && await File.ReadAllTextAsync(installed, Stop) == wanted)
        {
            return null;
        }

        var npm = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        var (exitCode, output) = await RunAsync(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]);
        if (exitCode != 0)
        {
            return $"'npm ci' failed: {output}";
        }

        await File.WriteAllTextAsync(installed, wanted, Stop);
        return null;
    }

    // Two test runs may share the folder.
    private static async Task<FileStream> LockAsync()
    {
        var waiting = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Folder, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (waiting.Elapsed < ProcessWaits.Deadline)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), Stop);
            }
        }
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string command, string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(command, arguments)
            {
                WorkingDirectory = Folder,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            })!;
            var output = await Task.WhenAll(process.StandardOutput.RestAsync(), process.StandardError.RestAsync());
            await process.EndsAsync();
            return (process.ExitCode, string.Concat(output).Trim());
        }
        catch (Win32Exception e)
        {
            return (-1, e.Message);
        }
    }
}
