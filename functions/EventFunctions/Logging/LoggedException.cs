namespace EventFunctions.Logging;

/// <summary>Stands in a log for an exception whose text must not get there as it is.</summary>
internal sealed class LoggedException : Exception
{
    private readonly Exception _original;
    private readonly string _text;

    private LoggedException(Exception original, string text)
        : base(LogText.Lines(original.Message), Of(original.InnerException))
    {
        (_original, _text) = (original, text);
    }

    /// <inheritdoc/>
    public override string? StackTrace => _original.StackTrace;

    /// <summary>Returns the exception itself if its text is harmless.</summary>
    /// <param name="exception">The exception.</param>
    public static Exception? Of(Exception? exception)
    {
        if (exception is null)
        {
            return null;
        }

        var text = exception.ToString();
        var safe = LogText.Lines(text);
        return safe.Equals(text.Replace("\r\n", "\n", StringComparison.Ordinal), StringComparison.Ordinal) ? exception : new LoggedException(exception, safe);
    }

    /// <inheritdoc/>
    public override string ToString() => _text;
}
