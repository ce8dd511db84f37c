namespace EventFunctions.Tests;

/// <summary>
/// How often the tests with kills kill: a few times, or many times with <c>EVENTFUNCTIONS_TESTS=long</c>. Crash points in one process are
/// quick, so all of them always run.
/// </summary>
internal static class TestLength
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("EVENTFUNCTIONS_TESTS") == "long";

    /// <summary>Returns how many rounds to run.</summary>
    public static int Rounds(int usual, int whenLong) => IsLong ? whenLong : usual;
}
