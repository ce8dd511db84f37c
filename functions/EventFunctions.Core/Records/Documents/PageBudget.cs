namespace EventFunctions.Records.Documents;

/// <summary>Counts the bytes of a page while it is read, and ends it before they are too many. The first item always fits, so that every page makes progress.</summary>
public sealed class PageBudget
{
    /// <summary>The most bytes that a page holds in memory, uncompressed; a single item may have more.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    // What is read and not kept costs time, and no memory for long.
    private const int MaxReadBytes = 4 * MaxBytes;

    private long _held;
    private long _read;

    /// <summary>Takes an item into the page, if there is room for it.</summary>
    /// <param name="held">How many bytes it holds in memory.</param>
    /// <param name="read">How many bytes it has in the store.</param>
    /// <returns>Whether it belongs to the page; where it does not, the page ends before it.</returns>
    public bool TryTake(long held, long read)
    {
        if (IsStarted && (_held + held > MaxBytes || _read + read > MaxReadBytes))
        {
            return false;
        }

        IsStarted = true;
        (_held, _read) = (_held + held, _read + read);
        return true;
    }

    /// <summary>Whether any item was taken.</summary>
    public bool IsStarted { get; private set; }
}
