using Microsoft.Extensions.Logging;

namespace EventFunctions.Logging;

/// <summary>Forwards log lines without secrets and control characters.</summary>
/// <param name="inner">Where it goes.</param>
internal sealed class SafeLogger(ILogger inner) : ILogger
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (inner.IsEnabled(logLevel))
        {
            inner.Log(logLevel, eventId, new SafeLogState(formatter(state, exception), state), LoggedException.Of(exception), static (safe, _) => safe.ToString());
        }
    }
}
