namespace EventFunctions.Webhooks.Endpoints;

/// <summary>
/// Whether a delivery may dial its endpoint now. One that may says so when it does, and gives its slot back by disposing of
/// this; one that does not dial after all returns the pass.
/// </summary>
internal sealed class EndpointPermit : IDisposable
{
    private readonly Action<EndpointPermit>? _leave;
    private bool _left;

    private EndpointPermit(Action<EndpointPermit>? leave) => _leave = leave;

    /// <summary>Whether it may.</summary>
    public bool IsGranted => _leave is not null;

    /// <summary>Whether this attempt finds out if an endpoint that was left alone is back.</summary>
    public bool IsProbe => ProbeUntil is not null;

    /// <summary>Until when others leave finding out to this attempt; null where it is none that finds out.</summary>
    public DateTimeOffset? ProbeUntil { get; private init; }

    /// <summary>Whether the endpoint was dialled.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>After which time to ask again, where it may not.</summary>
    public TimeSpan RetryIn { get; private init; }

    public static EndpointPermit Granted(DateTimeOffset? probeUntil, Action<EndpointPermit> leave) => new(leave) { ProbeUntil = probeUntil };

    public static EndpointPermit Defer(TimeSpan retryIn) => new(null) { RetryIn = retryIn };

    /// <summary>The endpoint is dialled.</summary>
    public void Use() => IsUsed = true;

    public void Dispose()
    {
        if (!_left)
        {
            _left = true;
            _leave?.Invoke(this);
        }
    }
}
