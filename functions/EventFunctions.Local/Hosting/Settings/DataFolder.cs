using System.Buffers.Text;
using System.Security.Cryptography;
using EventFunctions.Sqlite;

namespace EventFunctions.Local.Hosting;

/// <summary>The folder with all data of the host. One process holds it at a time; the lock is released when the process ends.</summary>
internal sealed class DataFolder : IDisposable
{
    private const int SecretBytes = 32;

    private readonly FileStream _lock;

    private DataFolder(string path, FileStream heldLock) => (Path, _lock) = (path, heldLock);

    /// <summary>The folder's full path.</summary>
    public string Path { get; }

    /// <summary>The folder that this user has unless another is named.</summary>
    public static string Default =>
        System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "EventFunctions");

    /// <summary>The full path of something in the folder.</summary>
    /// <param name="name">Its name.</param>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Locks the folder, and creates it if missing, readable by its owner only.</summary>
    /// <param name="path">Where it is, from the current directory.</param>
    /// <exception cref="HostStartException">Another process has it, another user can write to it, or it cannot be written.</exception>
    public static DataFolder Open(string path)
    {
        var full = System.IO.Path.GetFullPath(path);
        try
        {
            PrivateFiles.CreateFolder(full);
            return new DataFolder(
                full, PrivateFiles.OpenOrCreate(System.IO.Path.Combine(full, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None));
        }
        catch (IOException e) when (IsSharingViolation(e))
        {
            throw new HostStartException($"The data folder {full} is in use by another process. Choose another with --data.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostStartException($"The data folder {full} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>A secret of 256 random bits, which is made when it is first asked for and kept for its owner alone.</summary>
    /// <param name="name">The name of the file that holds it.</param>
    /// <returns>The secret in base64.</returns>
    /// <exception cref="HostStartException">It can be neither read nor kept.</exception>
    public string Secret(string name)
    {
        var file = File(name);
        try
        {
            PrivateFiles.CheckFile(file);
            if (System.IO.File.Exists(file) && System.IO.File.ReadAllText(file).Trim() is var kept && Base64.IsValid(kept) && kept.Length >= SecretBytes)
            {
                return kept;
            }

            var secret = Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes));
            Keep(file, secret);
            return secret;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new HostStartException($"The secret {file} cannot be used: {e.Message}", e);
        }
    }

    /// <summary>Gives the folder free for others.</summary>
    public void Dispose() => _lock.Dispose();

    // Written beside and moved, so that whoever is killed on the way leaves no half of a secret.
    private static void Keep(string file, string secret)
    {
        var draft = file + ".new";
        System.IO.File.Delete(draft);
        using (var stream = PrivateFiles.Create(draft))
        using (var writer = new StreamWriter(stream))
        {
            writer.Write(secret);
            writer.Flush();
            stream.Flush(flushToDisk: true);
        }

        System.IO.File.Move(draft, file, overwrite: true);
    }

    // ERROR_SHARING_VIOLATION on Windows; elsewhere EWOULDBLOCK of flock: 11 on Linux, 35 on macOS and BSD.
    private static bool IsSharingViolation(IOException e) => (e.HResult & 0xFFFF) is 32 || e.HResult is 11 or 35;
}
