using System.Diagnostics;

namespace EventFunctions.Tests;

/// <summary>Waits for other processes, with a deadline that is reached only on failure.</summary>
internal static class ProcessWaits
{
    /// <summary>The deadline.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromMinutes(TestLength.Rounds(4, whenLong: 20));

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Returns the next line that a process says; null at the end.</summary>
    public static Task<string?> LineAsync(this StreamReader output) => output.ReadLineAsync(Stop).AsTask().WaitAsync(Deadline, Stop);

    /// <summary>Returns what a process says until it ends.</summary>
    public static Task<string> RestAsync(this StreamReader output) => output.ReadToEndAsync(Stop).WaitAsync(Deadline, Stop);

    /// <summary>Waits until a process has ended, and what it said has been read. One that does not end is killed.</summary>
    public static async Task EndsAsync(this Process process)
    {
        try
        {
            await process.WaitForExitAsync(Stop).WaitAsync(Deadline, Stop);
        }
        catch (TimeoutException)
        {
            await process.KillAsync(withItsChildren: true);
            Assert.Fail($"{process.StartInfo.FileName} {string.Join(' ', process.StartInfo.ArgumentList)} did not end within {Deadline}.");
        }
    }

    /// <summary>Ends a process at once, also if the test has been cancelled.</summary>
    public static Task KillAsync(this Process process, bool withItsChildren = false)
    {
        process.Kill(withItsChildren);
        return process.WaitForExitAsync(CancellationToken.None).WaitAsync(Deadline);
    }
}
