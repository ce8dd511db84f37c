using System.Runtime.InteropServices;
using System.Text;

namespace EventFunctions.Sqlite;

/// <summary>Mode and owner of a file on Unix, which <see cref="File"/> does not tell.</summary>
/// <param name="Mode">The permission bits.</param>
/// <param name="User">The owner.</param>
/// <param name="Group">The group.</param>
/// <param name="IsLink">Whether it is a symbolic link.</param>
internal readonly record struct FileStatus(UnixFileMode Mode, uint User, uint Group, bool IsLink)
{
    private const int TypeMask = 0xF000;
    private const int Link = 0xA000;
    private const int PermissionMask = 0xFFF;
    private const int NoSuchFile = 2;
    private const int NotAFolder = 20;

    // More than the runtime's own structure has; its first four members are Flags, Mode, Uid and Gid.
    private const int StructureSize = 256;

    /// <summary>The user that this process runs as.</summary>
    public static uint CurrentUser => EffectiveUser();

    /// <summary>Reads the status; null if the file does not exist.</summary>
    /// <param name="path">The path.</param>
    /// <param name="follow">Whether a symbolic link stands for its target.</param>
    /// <exception cref="IOException">The status cannot be read.</exception>
    public static FileStatus? Read(string path, bool follow)
    {
        var terminated = Encoding.UTF8.GetBytes(path + '\0');
        var status = new int[StructureSize / sizeof(int)];
        if ((follow ? Stat(terminated, status) : LinkStat(terminated, status)) == 0)
        {
            return new FileStatus((UnixFileMode)(status[1] & PermissionMask), (uint)status[2], (uint)status[3], (status[1] & TypeMask) == Link);
        }

        // The error's code, because a second look may find a file that another process has created since.
        return Marshal.GetLastPInvokeError() is var error and not (NoSuchFile or NotAFolder)
            ? throw new IOException($"Cannot read the permissions of {path}: {Marshal.GetPInvokeErrorMessage(error)}.")
            : null;
    }

    // The runtime's own, because the C library's structures differ between systems.
    [DllImport("libSystem.Native", EntryPoint = "SystemNative_Stat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Stat(byte[] path, [Out] int[] status);

    [DllImport("libSystem.Native", EntryPoint = "SystemNative_LStat", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int LinkStat(byte[] path, [Out] int[] status);

    [DllImport("libSystem.Native", EntryPoint = "SystemNative_GetEUid")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern uint EffectiveUser();
}
