namespace EventFunctions.Webhooks.Endpoints;

/// <summary>The answer whether a delivery may be attempted now. Disposing of it releases its slot.</summary>
internal sealed class EndpointPermit : IDisposable
{
    private readonly Action<EndpointPermit>? _leave;
    private bool _left;

    private EndpointPermit(Action<EndpointPermit>? leave) => _leave = leave;

    /// <summary>Whether it may be attempted.</summary>
    public bool IsGranted => _leave is not null;

    /// <summary>Whether this attempt finds out if an endpoint that was left alone is back.</summary>
    public bool IsProbe { get; private init; }

    /// <summary>Whether a request was sent.</summary>
    public bool IsUsed { get; private set; }

    /// <summary>When to ask again if it may not.</summary>
    public TimeSpan RetryIn { get; private init; }

    public static EndpointPermit Granted(bool isProbe, Action<EndpointPermit> leave) => new(leave) { IsProbe = isProbe };

    public static EndpointPermit Defer(TimeSpan retryIn) => new(null) { RetryIn = retryIn };

    /// <summary>Records that the request is sent.</summary>
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
