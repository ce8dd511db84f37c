namespace EventFunctions.Tests.EventGrid;

/// <summary>Waits for what happens beside the test, up to a deadline that only a failure meets.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    public static async Task Holds(Func<bool> condition, Func<string>? describe = null)
    {
        using var deadline = new CancellationTokenSource(Deadline);
        while (!condition())
        {
            Assert.False(deadline.IsCancellationRequested, "It did not happen. " + describe?.Invoke());
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
