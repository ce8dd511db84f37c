using EventFunctions.Runtime;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Runtime;

public sealed class ClockPausesTests
{
    [Fact]
    public async Task A_pause_of_less_than_a_millisecond_is_a_pause()
    {
        var time = new FakeTimeProvider();
        var pause = time.PauseAsync(TimeSpan.FromMicroseconds(1), TestContext.Current.CancellationToken);

        Assert.False(pause.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        await pause;
    }
}
