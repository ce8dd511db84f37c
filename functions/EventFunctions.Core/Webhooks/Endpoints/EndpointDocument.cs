using EventFunctions.Runtime;
using EventFunctions.Storage;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>The document of one endpoint, and the state that this instance last read or wrote.</summary>
internal sealed class EndpointDocument(string webhook, IDocumentStore documents, TimeProvider time)
{
    // How long this instance may not know what another has found out about the endpoint.
    private static readonly TimeSpan RefreshEvery = TimeSpan.FromSeconds(5);

    // All deliveries to the endpoint wait for the one that uses the document.
    private static readonly TimeSpan Budget = TimeSpan.FromSeconds(5);

    private static readonly EndpointState Healthy = new();

    private readonly Gate _gate = new(1);
    private volatile Reading? _last;

    /// <summary>The state that this instance last read or wrote.</summary>
    public EndpointState Known => _last?.State ?? Healthy;

    private bool IsFresh => _last is { } last && time.GetElapsedTime(last.At) < RefreshEvery;

    /// <summary>Reads the state unless it was read a moment ago.</summary>
    /// <exception cref="StoreUnavailableException">The state cannot be read.</exception>
    public Task RefreshAsync(CancellationToken cancellationToken) => IsFresh ? Task.CompletedTask : AloneAsync(
        async token =>
            IsFresh ? Known : Know(await documents.ReadAsync(DocumentContainer.Webhooks, webhook, EndpointState.Id, token)),
        cancellationToken);

    /// <summary>Changes the newest state.</summary>
    /// <param name="change">Makes the change, once for each state that it meets; null leaves the state as it is.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The state as it was written; null if it was left as it is.</returns>
    /// <exception cref="StoreUnavailableException">The change may not be made.</exception>
    /// <exception cref="ContentionException">Other instances were first every time.</exception>
    public Task<EndpointState?> ChangeAsync(Func<EndpointState, EndpointState?> change, CancellationToken cancellationToken) => AloneAsync(
        async token =>
        {
            var changed = await documents.ChangeAsync<EndpointState?>(DocumentContainer.Webhooks, webhook, EndpointState.Id, time, found =>
            {
                var known = Know(found);
                return change(known) is { } next && next != known ? new(next, EndpointDocuments.Write(webhook, next)) : default;
            }, token);
            return changed is null ? null : Know(changed);
        },
        cancellationToken);

    private async Task<T> AloneAsync<T>(Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        using var budget = new CancellationTokenSource(Budget, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
        try
        {
            await _gate.EnterAsync(either.Token);
            try
            {
                return await work(either.Token);
            }
            finally
            {
                _gate.Leave();
            }
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new StoreUnavailableException($"The health of the endpoint of {webhook} was not available within {Budget}.", e);
        }
    }

    private EndpointState Know(StoredDocument? found) => Know(found is null ? Healthy : EndpointDocuments.Read(found));

    private EndpointState Know(EndpointState state)
    {
        _last = new Reading(state, time.GetTimestamp());
        return state;
    }

    private sealed record Reading(EndpointState State, long At);
}
