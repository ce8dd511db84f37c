using EventFunctions.Webhooks.Endpoints;

namespace EventFunctions.Tests.Deliveries;

public sealed class EndpointPacingTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly EndpointPacing _pacing = new();

    [Fact]
    public void A_slot_is_waited_for_by_how_many_wait_and_how_long_a_delivery_takes()
    {
        Assert.Equal(TimeSpan.FromMilliseconds(100), _pacing.WaitFor(waiting: 0, slots: 1));
        Assert.Equal(TimeSpan.FromMilliseconds(200), _pacing.WaitFor(waiting: 3, slots: 2));

        _pacing.Took(TimeSpan.FromMilliseconds(600));

        Assert.Equal(TimeSpan.FromMilliseconds(200), _pacing.WaitFor(waiting: 0, slots: 1));
    }

    [Fact]
    public void Deliveries_that_wait_come_back_as_far_apart_as_the_slots_are_free()
    {
        var places = Enumerable.Range(0, 100).Select(_ => _pacing.ComeBackIn(Now, Now.AddMinutes(1), TimeSpan.FromMilliseconds(1), slots: 4, chance: 0)).ToList();

        Assert.All(Enumerable.Range(1, 99), i => Assert.Equal(TimeSpan.FromMilliseconds(25), places[i] - places[i - 1]));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(4, 10)]
    [InlineData(5, 0)]
    [InlineData(10, 0)]
    public void Deliveries_are_brought_on_if_less_than_half_of_what_can_begin_has_begun(int begun, int spare)
    {
        var interval = TimeSpan.FromSeconds(1);
        _pacing.ComeBackIn(Now, Now.AddMinutes(15), interval, slots: 4, chance: 0);
        _pacing.Spare(Now, interval, slots: 4);
        for (var i = 0; i < begun; i++)
        {
            _pacing.Start(Now, interval, TimeSpan.FromMinutes(1));
        }

        Assert.Equal(spare, _pacing.Spare(Now.AddSeconds(10), interval, slots: 4));
    }

    [Fact]
    public void A_line_begins_when_a_break_ends_moves_as_fast_as_the_endpoint_and_is_an_hour_long_at_most()
    {
        var interval = TimeSpan.FromSeconds(10);
        var places = Enumerable.Range(0, 1_000).Select(_ => _pacing.ComeBackIn(Now, Now.AddMinutes(15), interval, slots: 4, chance: 0.5)).ToList();

        Assert.Equal(TimeSpan.FromMinutes(15) + TimeSpan.FromMilliseconds(50), places[0]);
        Assert.All(Enumerable.Range(1, 300), i => Assert.Equal(interval, places[i] - places[i - 1]));
        Assert.All(places.Skip(400), place => Assert.Equal(TimeSpan.FromMinutes(15 + 45), place));
        Assert.Equal(0, _pacing.Spare(Now.AddHours(2), interval, slots: 4));
    }
}
