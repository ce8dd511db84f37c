using EventFunctions.Storage;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>The document of one endpoint, and the state that this instance last read or wrote.</summary>
internal sealed class EndpointDocument(string webhook, IDocumentStore documents, TimeProvider time) : IDisposable
{
    private const int MaxAttempts = 8;

    // How long this instance may not know what another has found out about the endpoint.
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(5);

    private static readonly EndpointState Healthy = new();

    private readonly SemaphoreSlim _gate = new(1, 1);
    private volatile Reading? _last;

    /// <summary>The state that this instance last read or wrote.</summary>
    public EndpointState Known => _last?.State ?? Healthy;

    private bool IsFresh => _last is { } last && time.GetElapsedTime(last.At) < RefreshEvery;

    /// <summary>Reads the state unless it was read a moment ago.</summary>
    /// <exception cref="StoreUnavailableException">The state cannot be read.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        if (IsFresh)
        {
            return;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!IsFresh)
            {
                await ReadAsync(cancellationToken);
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Changes the newest state.</summary>
    /// <param name="change">Makes the change, once for each state that it meets; null leaves the state as it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state as it was written; null if it was left as it is.</returns>
    /// <exception cref="StoreUnavailableException">The change may not be made.</exception>
    public async Task<EndpointState?> ChangeAsync(Func<EndpointState, EndpointState?> change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            for (var attempt = 0; attempt < MaxAttempts; attempt++)
            {
                var etag = await ReadAsync(cancellationToken);
                if (change(Known) is not { } next || next == Known)
                {
                    return null;
                }

                if (await WriteAsync(next, etag, cancellationToken))
                {
                    Know(next);
                    return next;
                }
            }
        }
        finally
        {
            _gate.Release();
        }

        throw new StoreUnavailableException($"The endpoint of {webhook} has too many concurrent writers.");
    }

    public void Dispose() => _gate.Dispose();

    private void Know(EndpointState state) => _last = new Reading(state, time.GetTimestamp());

    private async Task<string?> ReadAsync(CancellationToken cancellationToken)
    {
        var found = await documents.ReadAsync(DocumentContainer.Webhooks, webhook, EndpointState.Id, cancellationToken);
        Know(found is null ? Healthy : EndpointDocuments.Read(found));
        return found?.ETag;
    }

    private async Task<bool> WriteAsync(EndpointState state, string? etag, CancellationToken cancellationToken)
    {
        var document = EndpointDocuments.Write(webhook, state);
        return await (etag is null
            ? documents.CreateAsync(DocumentContainer.Webhooks, document, cancellationToken)
            : documents.ReplaceAsync(DocumentContainer.Webhooks, document, etag, cancellationToken)) is not null;
    }

    private sealed record Reading(EndpointState State, long At);
}
