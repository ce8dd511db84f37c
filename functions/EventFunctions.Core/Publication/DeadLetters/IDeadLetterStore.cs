namespace EventFunctions.Publication.DeadLetters;

/// <summary>
/// Reads the dead letters that Event Grid writes: JSON arrays in blobs, in a container for each subscription, named <see
/// cref="ContainerPrefix"/> and the subscription's name.
/// </summary>
public interface IDeadLetterStore
{
    /// <summary>What the names of the containers begin with; no other container is read.</summary>
    const string ContainerPrefix = "deadletters-";

    /// <summary>Parses the URL of a blob, without a network call.</summary>
    /// <param name="url">An absolute URL, which comes from outside.</param>
    /// <returns>The blob; null where the URL leads anywhere but into a dead-letter container of the service's own storage.</returns>
    DeadLetterBlob? Locate(Uri url);

    /// <summary>Opens a blob, which is read only as far as the stream is.</summary>
    /// <param name="blob">A blob as <see cref="Locate"/> gave it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The blob's bytes; null where there is no such blob any more.</returns>
    /// <exception cref="DeadLettersUnavailableException">The storage cannot answer now, or does not let the service read.</exception>
    Task<Stream?> OpenAsync(DeadLetterBlob blob, CancellationToken cancellationToken);
}

/// <summary>A blob with dead letters of one subscription.</summary>
/// <param name="Subscription">The subscription's name, as the container's name has it: in lower case.</param>
/// <param name="Name">The blob's name within its container, with slashes.</param>
public sealed record DeadLetterBlob(string Subscription, string Name)
{
    /// <summary>The container's name.</summary>
    public string Container => IDeadLetterStore.ContainerPrefix + Subscription;

    /// <summary>The blob that a path of container and name leads to.</summary>
    /// <param name="path">Container, slash, and blob name, percent-decoded.</param>
    /// <returns>Null where it is no dead-letter container, or the name is not one that Event Grid would give.</returns>
    public static DeadLetterBlob? FromPath(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var slash = path.IndexOf('/', StringComparison.Ordinal);
        var prefix = IDeadLetterStore.ContainerPrefix.Length;
        if (slash <= prefix
            || !path.StartsWith(IDeadLetterStore.ContainerPrefix, StringComparison.Ordinal)
            || !path[prefix..slash].All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '-'))
        {
            return null;
        }

        // A name with steps up would leave the container, as soon as somebody makes a URL or a file's path of it.
        var name = path[(slash + 1)..];
        return name.Contains('\\', StringComparison.Ordinal) || name.Split('/').Any(part => part is "" or "." or "..")
            ? null
            : new DeadLetterBlob(path[prefix..slash], name);
    }
}

/// <summary>Dead letters cannot be read now; the same call may succeed later.</summary>
public sealed class DeadLettersUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
