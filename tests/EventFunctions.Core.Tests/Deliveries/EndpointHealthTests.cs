using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;

namespace EventFunctions.Tests.Deliveries;

public sealed class EndpointHealthTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly DeliveryOptions Settings = new();

    [Fact]
    public void Probes_of_two_instances_double_the_break_once()
    {
        var broken = new EndpointState { FailingSince = Now.AddMinutes(-1), Breaks = 1, BreakUntil = Now };
        var probe = new EndpointFailure(InARow: 6, IsProbe: true, Hold: null);

        var first = EndpointHealth.Failed(broken, probe, Settings, Now);
        var second = EndpointHealth.Failed(first, probe, Settings, Now.AddSeconds(1));

        Assert.Equal((2, Now + (2 * Settings.BreakTime)), (first.Breaks, first.BreakUntil));
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(600, true)]
    public void An_endpoint_that_asks_for_a_pause_gets_the_longer_of_it_and_the_break(int seconds, bool isLonger)
    {
        var hold = TimeSpan.FromSeconds(seconds);

        var state = EndpointHealth.Failed(new EndpointState(), new EndpointFailure(Settings.BreakAfter, IsProbe: false, hold), Settings, Now);

        Assert.Equal(Now + (isLonger ? hold : Settings.BreakTime), state.BreakUntil);
    }
}
