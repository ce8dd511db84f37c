namespace EventFunctions.Cli;

/// <summary>Ends a command with something to say and an exit code.</summary>
/// <param name="exitCode">One of <see cref="Cli.ExitCode"/>.</param>
/// <param name="lines">What there is to say, line by line; what the service sent may be in it as it came.</param>
internal sealed class ToolException(int exitCode, params IReadOnlyList<string> lines) : Exception(string.Join(Environment.NewLine, lines))
{
    /// <summary>The exit code.</summary>
    public int ExitCode => exitCode;

    /// <summary>The message, line by line.</summary>
    public IReadOnlyList<string> Lines => lines;
}
