using System.Runtime.Versioning;

namespace EventFunctions.Sqlite;

/// <summary>
/// Creates files and folders for this process's user alone: files with mode 600 and folders with 700, with any umask. On Windows there are
/// no modes, and the folder's access list applies.
/// </summary>
public static class PrivateFiles
{
    private const UnixFileMode FileMode600 = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode FolderMode = FileMode600 | UnixFileMode.UserExecute;
    private const UnixFileMode Permissions = (UnixFileMode)0b111_111_111;
    private const uint Root = 0;

    /// <summary>Creates a folder, and those above it, if it is missing; checks it if it is there.</summary>
    /// <param name="path">The full path.</param>
    /// <exception cref="UnsafeFileException">Others can write to the folder, or it belongs to another user.</exception>
    /// <exception cref="IOException">The folder cannot be created.</exception>
    /// <exception cref="UnauthorizedAccessException">This user must not create it.</exception>
    public static void CreateFolder(string path)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(path);
            return;
        }

        if (!Directory.Exists(path))
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } above && !Directory.Exists(above))
            {
                CreateFolder(above);
            }

            Directory.CreateDirectory(path, FolderMode);
            Correct(path, FolderMode);
        }

        CheckFolder(path);
    }

    /// <summary>Checks a folder that the service keeps files in, if it is there.</summary>
    /// <param name="path">The folder.</param>
    /// <exception cref="UnsafeFileException">Others can write to the folder, or it belongs to another user.</exception>
    public static void CheckFolder(string path)
    {
        if (!OperatingSystem.IsWindows() && FileStatus.Read(path, follow: true) is { } status)
        {
            CheckOwner(path, status);
            CheckMode(path, status, UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        }
    }

    /// <summary>Checks a file that the service keeps, if it is there. If others can only read it, they no longer can.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="UnsafeFileException">Others can write to the file, it belongs to another user, or it is a symbolic link.</exception>
    public static void CheckFile(string path)
    {
        if (OperatingSystem.IsWindows() || FileStatus.Read(path, follow: false) is not { } status)
        {
            return;
        }

        if (status.IsLink)
        {
            throw new UnsafeFileException($"{path} is a symbolic link, but must be a regular file. Remove it: rm {Quoted(path)}");
        }

        CheckOwner(path, status);
        CheckMode(path, status, UnixFileMode.GroupWrite | UnixFileMode.OtherWrite);
        if (status.User == FileStatus.CurrentUser && (status.Mode & Permissions & ~FolderMode) != 0)
        {
            File.SetUnixFileMode(path, FileMode600);
        }
    }

    /// <summary>
    /// Checks a file that a person writes and the service reads, if it is there. Others may read it. The user's private group
    /// may write it, because a umask of 002 leaves every file so.
    /// </summary>
    /// <param name="path">The file; a symbolic link stands for its target.</param>
    /// <exception cref="UnsafeFileException">Others can change or replace the file, or it belongs to another user.</exception>
    public static void CheckSettings(string path)
    {
        if (OperatingSystem.IsWindows() || FileStatus.Read(path, follow: false) is not { } named)
        {
            return;
        }

        CheckOwner(path, named);
        if (FileStatus.Read(path, follow: true) is { } status)
        {
            CheckOwner(path, status);
            CheckMode(path, status, SharedWrite(status));
        }

        // In a folder like /tmp nobody but its owner can replace a file.
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        if (FileStatus.Read(folder, follow: true) is { } around && !around.Mode.HasFlag(UnixFileMode.StickyBit))
        {
            CheckMode(folder, around, SharedWrite(around));
        }
    }

    /// <summary>Creates a file that must not be there yet.</summary>
    /// <param name="path">The file.</param>
    /// <returns>The file, open for writing.</returns>
    /// <exception cref="IOException">The file exists or cannot be created.</exception>
    public static FileStream Create(string path) => Open(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read);

    /// <summary>Checks and opens a file, which is created if it is missing.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mode">How to open it: <see cref="FileMode.OpenOrCreate"/> or <see cref="FileMode.Append"/>.</param>
    /// <param name="access">What to do with it.</param>
    /// <param name="share">What others may do with it meanwhile.</param>
    /// <exception cref="UnsafeFileException">Others can write to the file, it belongs to another user, or it is a symbolic link.</exception>
    /// <exception cref="IOException">The file cannot be opened.</exception>
    public static FileStream OpenOrCreate(string path, FileMode mode, FileAccess access, FileShare share)
    {
        CheckFile(path);
        return Open(path, mode, access, share);
    }

    private static FileStream Open(string path, FileMode mode, FileAccess access, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = access, Share = share, BufferSize = 0 };
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }

        options.UnixCreateMode = FileMode600;
        var stream = new FileStream(path, options);
        Correct(path, FileMode600);
        return stream;
    }

    // A umask can only have taken rights away, the owner's own as well.
    [UnsupportedOSPlatform("windows")]
    private static void Correct(string path, UnixFileMode mode)
    {
        if (FileStatus.Read(path, follow: false) is { } status && (status.Mode & mode) != mode)
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    private static UnixFileMode SharedWrite(FileStatus status) =>
        PrivateGroup.Is(status.Group) ? UnixFileMode.OtherWrite : UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;

    private static void CheckOwner(string path, FileStatus status)
    {
        if (status.User != Root && status.User != FileStatus.CurrentUser)
        {
            throw new UnsafeFileException(
                $"{path} belongs to another user ({status.User}). Remove it, or take ownership: sudo chown {Environment.UserName} {Quoted(path)}");
        }
    }

    private static void CheckMode(string path, FileStatus status, UnixFileMode refused)
    {
        if ((status.Mode & refused) != 0)
        {
            throw new UnsafeFileException(
                $"Other users can write to {path} (mode {Convert.ToString((int)(status.Mode & Permissions), 8)}). Check it, then run: chmod go-w {Quoted(path)}");
        }
    }

    // As a shell takes it.
    private static string Quoted(string path) =>
        path.All(c => char.IsAsciiLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or '+') ? path : $"'{path.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
