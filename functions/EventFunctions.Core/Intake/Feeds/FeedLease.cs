using EventFunctions.Storage;

namespace EventFunctions.Intake.Feeds;

/// <summary>
/// The right to read a feed. It is part of the document with the cursor, and every write requires that the document has not changed, so a
/// reader that lost the right cannot move the cursor.
/// </summary>
internal sealed class FeedLease
{
    private const string Partition = "feed";

    private readonly IDocumentStore _store;
    private readonly string _producer;
    private readonly string _holder;
    private readonly TimeSpan _length;
    private readonly TimeProvider _time;
    private string _etag;

    private FeedLease(IDocumentStore store, string producer, string holder, TimeSpan length, TimeProvider time, FeedState state, string etag) =>
        (_store, _producer, _holder, _length, _time, State, _etag) = (store, producer, holder, length, time, state, etag);

    /// <summary>How far the feed has been read.</summary>
    public FeedState State { get; private set; }

    /// <summary>Reads the state of a feed.</summary>
    /// <returns>The state and its ETag; a state at the beginning without ETag where there is none.</returns>
    public static async Task<(FeedState State, string? ETag)> FindAsync(IDocumentStore store, string producer, Uri url, CancellationToken cancellationToken)
    {
        var document = await store.ReadAsync(DocumentContainer.State, Partition, producer, cancellationToken);
        if (document is null)
        {
            return (new FeedState { Url = url.AbsoluteUri }, null);
        }

        var state = FeedState.Read(document.Body.Span);
        return (state.Url == url.AbsoluteUri ? state : new FeedState { Url = url.AbsoluteUri, Holder = state.Holder, HeldUntil = state.HeldUntil }, document.ETag);
    }

    /// <summary>Takes the lease.</summary>
    /// <returns>Null where somebody was first.</returns>
    public static async Task<FeedLease?> TakeAsync(
        IDocumentStore store, string producer, string holder, FeedsOptions options, TimeProvider time, FeedState state, string? etag, CancellationToken cancellationToken)
    {
        var held = state with { Holder = holder, HeldUntil = time.GetUtcNow() + options.LeaseTime };
        var document = new Document(Partition, producer, held.Write());
        var taken = etag is null
            ? await store.CreateAsync(DocumentContainer.State, document, cancellationToken)
            : await store.ReplaceAsync(DocumentContainer.State, document, etag, cancellationToken);
        return taken is null ? null : new FeedLease(store, producer, holder, options.LeaseTime, time, held, taken);
    }

    /// <summary>Renews the lease once half of its time has passed.</summary>
    /// <exception cref="FeedLeaseLostException">Another instance reads the feed now.</exception>
    public Task KeepAsync(CancellationToken cancellationToken) =>
        State.HeldUntil - _time.GetUtcNow() < _length / 2 ? AdvanceAsync(State, cancellationToken) : Task.CompletedTask;

    /// <summary>Writes the state, and keeps the lease.</summary>
    /// <exception cref="FeedLeaseLostException">Another instance reads the feed now.</exception>
    public Task AdvanceAsync(FeedState state, CancellationToken cancellationToken) =>
        WriteAsync(state with { Holder = _holder, HeldUntil = _time.GetUtcNow() + _length }, cancellationToken);

    /// <summary>Writes the state, and gives the lease back.</summary>
    /// <exception cref="FeedLeaseLostException">Another instance reads the feed now.</exception>
    public Task ReleaseAsync(FeedState state, CancellationToken cancellationToken) =>
        WriteAsync(state with { Holder = null, HeldUntil = null }, cancellationToken);

    private async Task WriteAsync(FeedState state, CancellationToken cancellationToken)
    {
        var document = new Document(Partition, _producer, state.Write());
        _etag = await _store.ReplaceAsync(DocumentContainer.State, document, _etag, cancellationToken)
            ?? throw new FeedLeaseLostException($"Another instance is reading the feed of the producer \"{_producer}\".");
        State = state;
    }
}

/// <summary>Another instance reads the feed now.</summary>
internal sealed class FeedLeaseLostException(string message) : Exception(message);

/// <summary>Records that a page cannot be read.</summary>
internal sealed class FeedPageException(string message, Exception? innerException = null) : Exception(message, innerException);
