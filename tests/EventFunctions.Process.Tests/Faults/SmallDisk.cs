using System.Diagnostics;
using System.Globalization;

namespace EventFunctions.Tests.Faults;

/// <summary>A disk of a few megabytes in memory, which can be filled. Needs Linux and the right to mount.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    private string Filler => Path.Combine(_folder, "filler");

    /// <summary>Mounts a disk on an empty folder, or skips the test where that is not allowed.</summary>
    public static SmallDisk Mount(TemporaryFolder folder, int megabytes)
    {
        Assert.SkipUnless(
            OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", string.Create(CultureInfo.InvariantCulture, $"size={megabytes}m,mode=700"), "tmpfs", folder.Path),
            "Needs Linux and the right to mount.");
        return new SmallDisk(folder.Path);
    }

    /// <summary>Leaves no byte free.</summary>
    public void Fill()
    {
        using var filler = new FileStream(Filler, FileMode.Append, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var piece = new byte[1 << 20]; piece.Length > 0;)
        {
            try
            {
                filler.Write(piece);
            }
            catch (IOException)
            {
                piece = new byte[piece.Length / 2];
            }
        }
    }

    /// <summary>Makes room again.</summary>
    public void Empty() => File.Delete(Filler);

    public void Dispose()
    {
        Run("umount", "--lazy", _folder);
        Directory.Delete(_folder, recursive: true);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
            return process.WaitForExit(ProcessWaits.Deadline) && process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
