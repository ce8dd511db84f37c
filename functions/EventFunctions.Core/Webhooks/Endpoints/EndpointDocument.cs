using EventFunctions.Storage;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>The document of one endpoint, with what this instance last knew of it. One change at a time is made here; other instances are met by ETag.</summary>
internal sealed class EndpointDocument(string webhook, IDocumentStore documents) : IDisposable
{
    private const int MaxAttempts = 8;

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile EndpointState _known = new();
    private string? _etag;

    /// <summary>The endpoint as this instance last read or wrote it.</summary>
    public EndpointState Known => _known;

    /// <summary>Changes the endpoint, on its newest state.</summary>
    /// <param name="isFresh">Whether to read it first, or to begin with what is known.</param>
    /// <param name="change">The change; null leaves it as it is. It may be asked for again, on another state.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="isNeeded">Whether there is still something to do, once it is this one's turn.</param>
    /// <returns>The state as it was written; null where it was left as it is.</returns>
    /// <exception cref="StoreUnavailableException">The change may not be made.</exception>
    public async Task<EndpointState?> ChangeAsync(
        bool isFresh, Func<EndpointState, EndpointState?> change, CancellationToken cancellationToken, Func<bool>? isNeeded = null)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (isNeeded?.Invoke() == false)
            {
                return null;
            }

            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                if (isFresh || attempt > 0 || _etag is null)
                {
                    await ReadAsync(cancellationToken);
                }

                var before = _known;
                if (change(before) is not { } next || next == before)
                {
                    return null;
                }

                if (await WriteAsync(next, cancellationToken) is { } etag)
                {
                    (_known, _etag) = (next, etag);
                    return next;
                }
            }
        }
        finally
        {
            _gate.Release();
        }

        throw new StoreUnavailableException($"The endpoint of {webhook} is changed by too many at once.");
    }

    public void Dispose() => _gate.Dispose();

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        var found = await documents.ReadAsync(DocumentContainer.Webhooks, webhook, EndpointState.Id, cancellationToken);
        if (found is null || found.ETag != _etag)
        {
            (_known, _etag) = found is null ? (new EndpointState(), null) : (EndpointDocuments.Read(found), found.ETag);
        }
    }

    private Task<string?> WriteAsync(EndpointState state, CancellationToken cancellationToken)
    {
        var document = EndpointDocuments.Write(webhook, state);
        return _etag is { } etag
            ? documents.ReplaceAsync(DocumentContainer.Webhooks, document, etag, cancellationToken)
            : documents.CreateAsync(DocumentContainer.Webhooks, document, cancellationToken);
    }
}
