namespace EventFunctions.Tests.EndToEnd;

/// <summary>Waits for what happens beside the test, up to a deadline that only a failure meets.</summary>
internal static class Poll
{
    // Long runs take only the time that others leave them.
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(TestLength.Rounds(60, whenLong: 600));

    public static Task UntilAsync(Func<bool> condition, Func<string> describe) =>
        UntilAsync(() => Task.FromResult(condition()), describe);

    public static async Task UntilAsync(Func<Task<bool>> condition, Func<string> describe)
    {
        var until = DateTimeOffset.UtcNow + Deadline;
        while (!await condition())
        {
            Assert.True(DateTimeOffset.UtcNow < until, "It did not happen: " + describe());
            await Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken);
        }
    }
}
