using EventFunctions.Publication;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Administration;

public sealed class RepublishRateTests
{
    private readonly FakeTimeProvider _time = new();
    private readonly RepublishRate _rate;

    public RepublishRateTests() => _rate = new RepublishRate(_time, maxRate: 100);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_waits_until_what_came_before_is_through_at_the_rate()
    {
        Assert.Equal(TimeSpan.Zero, _rate.Reserve(50));
        Assert.Equal(TimeSpan.FromSeconds(0.5), _rate.Reserve(200));
        Assert.Equal(TimeSpan.FromSeconds(2.5), _rate.Reserve(1));

        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(TimeSpan.Zero, _rate.Reserve(1));
    }

    [Fact]
    public async Task A_single_event_waits_for_its_place()
    {
        _rate.Reserve(50);

        var waiting = _rate.WaitAsync(Stop);

        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(0.5));
        await waiting;
    }

    [Fact]
    public async Task Who_would_wait_too_long_reserves_nothing_and_is_told_when_to_come_again()
    {
        _rate.Reserve(500);

        Assert.Null(_rate.TryReserve(1, TimeSpan.FromSeconds(4)));
        Assert.Equal(TimeSpan.FromSeconds(5), (await Assert.ThrowsAsync<RepublishRateException>(() => _rate.WaitAsync(Stop))).RetryAfter);

        _time.Advance(TimeSpan.FromSeconds(5));
        Assert.Equal(TimeSpan.Zero, _rate.TryReserve(1, TimeSpan.Zero));
    }
}
