using System.Diagnostics;
using System.IO.MemoryMappedFiles;

namespace EventFunctions.Tests.Faults;

/// <summary>Makes a host's machine fail: its disk, and its clock. Needs Linux and gcc.</summary>
internal sealed class FaultyMachine : IDisposable
{
    public const int IoError = 5;
    public const int NoSpace = 28;

    private static readonly Lazy<string?> Library = new(Compile);

    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _faults;
    private readonly string _path;

    private FaultyMachine(string path)
    {
        _path = path;
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, 4_096);
        _faults = _file.CreateViewAccessor();
    }

    /// <summary>What a sync of a database fails with; 0 lets it succeed.</summary>
    public int SyncError { set => _faults.Write(0, value); }

    /// <summary>What a write to a database fails with; 0 lets it succeed.</summary>
    public int WriteError { set => _faults.Write(4, value); }

    /// <summary>How far the clock is ahead.</summary>
    public TimeSpan ClockOffset { set => _faults.Write(8, (long)value.TotalSeconds); }

    /// <summary>How long the store's write-ahead log was at its last sync.</summary>
    public long SyncedBytes => _faults.ReadInt64(16);

    /// <summary>The environment of a host on this machine.</summary>
    public Dictionary<string, string> Settings => new() { ["LD_PRELOAD"] = Library.Value!, ["FAULTS"] = _path };

    /// <summary>Makes a machine, or skips the test where there is none.</summary>
    public static FaultyMachine Create(TemporaryFolder folder)
    {
        Assert.SkipWhen(Library.Value is null, "Needs Linux and gcc.");
        return new FaultyMachine(folder.File("faults"));
    }

    public void Dispose()
    {
        _faults.Dispose();
        _file.Dispose();
    }

    private static string? Compile()
    {
        var library = Path.Combine(AppContext.BaseDirectory, "faults.so");
        try
        {
            using var compiler = Process.Start(new ProcessStartInfo("gcc", ["-shared", "-fPIC", "-O1", "-o", library, Path.Combine(AppContext.BaseDirectory, "faults.c")])
            {
                RedirectStandardError = true,
            });
            return OperatingSystem.IsLinux() && compiler!.WaitForExit(ProcessWaits.Deadline) && compiler.ExitCode == 0 ? library : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }
}
