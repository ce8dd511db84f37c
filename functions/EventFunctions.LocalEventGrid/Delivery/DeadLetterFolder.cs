using System.Text.Json;
using EventFunctions.Sqlite;

namespace EventFunctions.Local.EventGrid;

/// <summary>Containers are folders.</summary>
internal sealed class DeadLetterFolder : IDeadLetterContainer
{
    private const string Unfinished = ".tmp";
    private const string Blob = ".json";

    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 256 };

    private readonly string _root;

    /// <summary>Creates the folder, so that a failure ends the start and not the first dead letter.</summary>
    /// <param name="root">The folder whose subfolders are containers.</param>
    /// <exception cref="UnsafeFileException">Another user of the machine can write to it.</exception>
    /// <exception cref="GridConfigurationException">It cannot be created.</exception>
    public DeadLetterFolder(string root)
    {
        _root = root;
        try
        {
            PrivateFiles.CreateFolder(root);
        }
        catch (Exception e) when (e is (IOException or UnauthorizedAccessException) and not UnsafeFileException)
        {
            throw new GridConfigurationException([$"Cannot create the folder for dead letters, \"{root}\": {e.Message.TrimEnd('.')}. Set LocalEventGrid:DeadLetterFolder to another folder."]);
        }
    }

    public async Task<Uri> WriteAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var path = Path.GetFullPath(Path.Combine([_root, container, .. name.Split('/')]));
        PrivateFiles.CreateFolder(Path.GetDirectoryName(path)!);
        await ReplaceAsync(path, content, cancellationToken);
        return new Uri(path);
    }

    /// <summary>Removes what a process left that was killed while it wrote; the letters are written again.</summary>
    public void RemoveUnfinished()
    {
        foreach (var path in Files(Blob + Unfinished))
        {
            File.Delete(path);
        }
    }

    /// <summary>Removes dead letters, and blobs that have no others.</summary>
    /// <param name="isRemoved">Returns whether a dead letter is to be removed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="EventGridUnavailableException">Some may be left.</exception>
    public async Task RemoveAsync(Func<JsonElement, Task<bool>> isRemoved, CancellationToken cancellationToken)
    {
        try
        {
            foreach (var path in Files(Blob))
            {
                await RemoveAsync(path, isRemoved, cancellationToken);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EventGridUnavailableException($"Cannot erase dead letters in {_root}: {e.Message}", e);
        }
    }

    private static async Task RemoveAsync(string path, Func<JsonElement, Task<bool>> isRemoved, CancellationToken cancellationToken)
    {
        List<ReadOnlyMemory<byte>> left = [];
        var removed = false;
        using (var blob = Parse(await File.ReadAllBytesAsync(path, cancellationToken)))
        {
            if (blob?.RootElement.ValueKind != JsonValueKind.Array)
            {
                return;
            }

            foreach (var letter in blob.RootElement.EnumerateArray())
            {
                if (await isRemoved(letter))
                {
                    removed = true;
                }
                else
                {
                    left.Add(System.Text.Encoding.UTF8.GetBytes(letter.GetRawText()));
                }
            }
        }

        if (removed && left.Count == 0)
        {
            File.Delete(path);
        }
        else if (removed)
        {
            await ReplaceAsync(path, EventFormat.RenderArray(left), cancellationToken);
        }
    }

    // Files of others may lie in the folder.
    private static JsonDocument? Parse(byte[] blob)
    {
        try
        {
            return JsonDocument.Parse(blob, Json);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static async Task ReplaceAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var unfinished = path + Unfinished;
        File.Delete(unfinished);
        await using (var stream = PrivateFiles.Create(unfinished))
        {
            await stream.WriteAsync(content, cancellationToken);
            stream.Flush(flushToDisk: true);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    private string[] Files(string extension) => Directory.Exists(_root) ? Directory.GetFiles(_root, "*" + extension, SearchOption.AllDirectories) : [];
}
