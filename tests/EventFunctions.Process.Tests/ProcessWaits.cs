using System.Diagnostics;

namespace EventFunctions.Tests;

/// <summary>Waits for other processes, up to a deadline that only a failure meets: a test that waits for ever says nothing.</summary>
internal static class ProcessWaits
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Returns the next line that a process says; null at the end.</summary>
    public static Task<string?> LineAsync(this StreamReader output) => output.ReadLineAsync(Stop).AsTask().WaitAsync(Deadline, Stop);

    /// <summary>Returns what a process says until it ends.</summary>
    public static Task<string> RestAsync(this StreamReader output) => output.ReadToEndAsync(Stop).WaitAsync(Deadline, Stop);

    /// <summary>Waits until a process has ended, and what it said has been read.</summary>
    public static Task EndsAsync(this Process process) => process.WaitForExitAsync(Stop).WaitAsync(Deadline, Stop);

    /// <summary>Ends a process at once, also where the test has been cancelled.</summary>
    public static Task KillAsync(this Process process, bool withItsChildren = false)
    {
        process.Kill(withItsChildren);
        return process.WaitForExitAsync(CancellationToken.None).WaitAsync(Deadline);
    }
}
