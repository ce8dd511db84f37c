using EventFunctions.Runtime;

namespace EventFunctions.Tests.Runtime;

public sealed class GateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task As_many_enter_as_there_are_places_and_the_others_in_the_order_in_which_they_came()
    {
        var gate = new Gate(2);
        await gate.EnterAsync(Cancellation);
        Assert.True(gate.TryEnter());
        Assert.False(gate.TryEnter());
        var (third, fourth) = (gate.EnterAsync(Cancellation), gate.EnterAsync(Cancellation));

        gate.Leave();
        await third;
        Assert.False(fourth.IsCompleted);
        gate.Leave();
        await fourth;

        gate.Leave();
        gate.Leave();
        Assert.Equal(2, Enumerable.Range(0, 3).Count(_ => gate.TryEnter()));
    }

    [Fact]
    public async Task Who_gives_up_takes_no_place()
    {
        var gate = new Gate(1);
        Assert.True(gate.TryEnter());
        using var stop = new CancellationTokenSource();
        var (cancelled, next) = (gate.EnterAsync(stop.Token), gate.EnterAsync(Cancellation));

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => gate.EnterAsync(stop.Token));
        gate.Leave();

        await next;
        Assert.False(gate.TryEnter());
    }
}
