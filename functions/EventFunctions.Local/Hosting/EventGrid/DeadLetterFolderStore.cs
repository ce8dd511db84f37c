using EventFunctions.Local.EventGrid;
using EventFunctions.Publication.DeadLetters;

namespace EventFunctions.Local.Hosting;

/// <summary>Reads the dead letters that the local Event Grid writes to its <see cref="LocalEventGridOptions.DeadLetterFolder"/>.</summary>
/// <param name="root">The folder whose subfolders are containers.</param>
internal sealed class DeadLetterFolderStore(string root) : IDeadLetterStore
{
    private readonly string _root = Path.GetFullPath(root);

    public DeadLetterBlob? Locate(Uri url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (!url.IsFile || url.IsUnc)
        {
            return null;
        }

        var path = Path.GetRelativePath(_root, url.LocalPath);
        return Path.IsPathRooted(path) ? null : DeadLetterBlob.FromPath(path.Replace(Path.DirectorySeparatorChar, '/'));
    }

    public Task<Stream?> OpenAsync(DeadLetterBlob blob, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(blob);
        try
        {
            return Task.FromResult<Stream?>(File.OpenRead(Path.Combine([_root, blob.Container, .. blob.Name.Split('/')])));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return Task.FromResult<Stream?>(null);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DeadLettersUnavailableException($"Cannot read the dead letters in {_root}: {e.Message}", e);
        }
    }
}
