namespace EventFunctions.Cli;

/// <summary>What the tool's exit codes mean; scripts rely on them (docs/administer.md).</summary>
internal static class ExitCode
{
    /// <summary>All of it was done.</summary>
    public const int Ok = 0;

    /// <summary>The service refused the request, or its job failed.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>The object does not exist.</summary>
    public const int NotFound = 3;

    /// <summary>The state conflicts with the command: other content under the same ID, another ETag, an unfinished run.</summary>
    public const int Conflict = 4;

    /// <summary>A key is missing or wrong, or the caller may not.</summary>
    public const int Unauthorized = 5;

    /// <summary>The service cannot be reached, or not just now; the same command may be given again.</summary>
    public const int Unreachable = 6;

    /// <summary>Ctrl+C ended it before its time, as shells say it.</summary>
    public const int Interrupted = 130;

    /// <summary>Returns the exit code for an error response.</summary>
    /// <param name="status">The HTTP status.</param>
    public static int OfStatus(int status) => status switch
    {
        401 or 403 => Unauthorized,
        404 or 410 => NotFound,
        409 or 412 or 428 => Conflict,
        408 or 429 or 502 or 503 or 504 => Unreachable,
        _ => Failed,
    };
}
