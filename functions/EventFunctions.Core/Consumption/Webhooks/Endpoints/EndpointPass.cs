namespace EventFunctions.Consumption.Webhooks.Endpoints;

/// <summary>Whether a delivery may dial its endpoint now. One that may gives its slot back by disposing of this.</summary>
internal sealed class EndpointPass : IDisposable
{
    private readonly Action? _leave;
    private bool _left;

    private EndpointPass(Action? leave) => _leave = leave;

    /// <summary>Whether it may.</summary>
    public bool IsGranted => _leave is not null;

    /// <summary>Whether this attempt finds out if an endpoint that was left alone is back.</summary>
    public bool IsProbe { get; private init; }

    /// <summary>After which time to ask again, where it may not.</summary>
    public TimeSpan RetryIn { get; private init; }

    public static EndpointPass Granted(bool isProbe, Action leave) => new(leave) { IsProbe = isProbe };

    public static EndpointPass PutOff(TimeSpan retryIn) => new(null) { RetryIn = retryIn };

    public void Dispose()
    {
        if (!_left)
        {
            _left = true;
            _leave?.Invoke();
        }
    }
}
