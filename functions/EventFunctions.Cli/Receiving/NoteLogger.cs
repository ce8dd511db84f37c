using EventFunctions.Cli.Terminal;
using EventFunctions.Records;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Cli.Receiving;

/// <summary>Writes log lines to standard error, without time and level.</summary>
/// <param name="output">The terminal.</param>
internal sealed class NoteLogger(Output output) : ILogger<RefusalLog>
{
    /// <inheritdoc/>
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    /// <inheritdoc/>
    public bool IsEnabled(LogLevel logLevel) => true;

    /// <inheritdoc/>
    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        output.WriteNote(formatter(state, exception));
}
