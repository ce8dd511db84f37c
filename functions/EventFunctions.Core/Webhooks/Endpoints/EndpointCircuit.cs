using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>
/// Opens when an endpoint fails repeatedly or asks for a pause; then nothing is delivered until one attempt of each instance
/// has found out whether the endpoint is back. All instances share the state.
/// </summary>
internal sealed class EndpointCircuit(EndpointDocument document, DeliveryOptions options, TimeProvider time)
{
    private readonly Lock _lock = new();
    private int _failures;
    private DateTimeOffset? _probeUntil;

    /// <summary>Reads the state if this instance has not read it for some seconds.</summary>
    /// <exception cref="StoreUnavailableException">The state cannot be read.</exception>
    public Task RefreshAsync(CancellationToken cancellationToken) => document.RefreshAsync(cancellationToken);

    /// <summary>Returns until when no delivery may be attempted; null if one may be now.</summary>
    public DateTimeOffset? OpenUntil(Webhook webhook)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            return BreakOf(webhook) is not { } until ? null : until > now ? until : _probeUntil;
        }
    }

    /// <summary>Begins an attempt.</summary>
    /// <returns>Whether it is the probe that finds out if the endpoint is back; null if no attempt may be made.</returns>
    public bool? Enter(Webhook webhook)
    {
        lock (_lock)
        {
            var now = time.GetUtcNow();
            if (BreakOf(webhook) is not { } until)
            {
                return false;
            }

            if (until > now || _probeUntil is not null)
            {
                return null;
            }

            _probeUntil = now + webhook.Timeout;
            return true;
        }
    }

    /// <summary>Ends the probe, whether or not it was sent.</summary>
    public void EndProbe()
    {
        lock (_lock)
        {
            _probeUntil = null;
        }
    }

    /// <summary>Records an attempt that succeeded.</summary>
    /// <exception cref="StoreUnavailableException">It could not be recorded.</exception>
    public async Task SucceededAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _failures = 0;
        }

        if (!document.Known.For(webhook).IsHealthy)
        {
            await document.ChangeAsync(state => state.For(webhook) is { IsHealthy: false } failing ? failing.Recovered() : null, cancellationToken);
        }
    }

    /// <summary>Records an attempt that failed.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="isProbe">Whether it was the probe.</param>
    /// <param name="hold">How long the endpoint asks to be left alone.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The notice to publish; null for none.</returns>
    /// <exception cref="StoreUnavailableException">It could not be recorded.</exception>
    public async Task<EndpointNotice?> FailedAsync(Webhook webhook, bool isProbe, TimeSpan? hold, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        EndpointFailure failure;
        lock (_lock)
        {
            failure = new EndpointFailure(++_failures, isProbe, hold);
        }

        var known = document.Known.For(webhook);
        if (Failed(known) == known)
        {
            return null;
        }

        var changed = await document.ChangeAsync(state => Failed(state.For(webhook)), cancellationToken);
        return changed?.Notice is { } notice && notice.At == UtcMilliseconds.Cut(now) ? notice : null;

        EndpointState Failed(EndpointState state) => EndpointHealth.Failed(state, failure, options, now);
    }

    /// <summary>Records that the endpoint is gone for good.</summary>
    /// <returns>The notice to publish; null if another instance publishes it.</returns>
    /// <exception cref="StoreUnavailableException">It could not be recorded.</exception>
    public async Task<EndpointNotice?> GoneAsync(Webhook webhook, CancellationToken cancellationToken)
    {
        var now = UtcMilliseconds.Cut(time.GetUtcNow());
        var changed = await document.ChangeAsync(
            state => state.Notice is { Disables: true }
                ? null
                : state.For(webhook).With(new EndpointNotice(now, 100, WebhookDisabledReason.Gone, state.For(webhook).FailingSince ?? now)),
            cancellationToken);
        return changed?.Notice;
    }

    /// <summary>Records that a notice was published, and whether it disabled the webhook.</summary>
    /// <exception cref="StoreUnavailableException">It could not be recorded; the notice is published again.</exception>
    public Task SettledAsync(EndpointNotice notice, CancellationToken cancellationToken) =>
        document.ChangeAsync(state => state.Without(notice), cancellationToken);

    /// <summary>Records that a notice is wrong, because an attempt has succeeded meanwhile.</summary>
    /// <exception cref="StoreUnavailableException">It could not be recorded; the notice is looked at again.</exception>
    public Task RecoveredAsync(EndpointNotice notice, CancellationToken cancellationToken) =>
        document.ChangeAsync(state => state.Without(notice)?.Recovered(), cancellationToken);

    private DateTimeOffset? BreakOf(Webhook webhook) => document.Known.For(webhook).BreakUntil;
}
