using EventFunctions.Cli.Costs;

namespace EventFunctions.Tests.Cli;

public sealed class InstanceMeterTests
{
    [Theory]
    // Each execution: start, duration. What is billed: at least a second, then in steps of 100 ms, and what overlaps once.
    [InlineData(1.0, new[] { 0, 0.05 })]
    [InlineData(1.0, new[] { 0, 1.0 })]
    [InlineData(1.1, new[] { 0, 1.01 })]
    [InlineData(2.5, new[] { 0, 2.5 })]
    [InlineData(1.0, new[] { 0, 0.2, 0.1, 0.2 })]
    [InlineData(1.0, new[] { 0, 0.05, 0.9, 0.05 })]
    [InlineData(1.4, new[] { 0, 0.05, 0.9, 0.45 })]
    [InlineData(2.0, new[] { 0, 0.05, 1.2, 0.05 })]
    [InlineData(3.1, new[] { 0, 2.0, 1.5, 0.6, 5, 0.3 })]
    public void An_instance_is_billed_for_the_union_of_its_executions_and_at_least_a_second(double expected, double[] executions)
    {
        var meter = new InstanceMeter(cold: 0);
        foreach (var execution in executions.Chunk(2))
        {
            meter.Run(execution[0], execution[1]);
        }

        meter.Close();

        Assert.Equal(expected, meter.BilledSeconds, 6);
    }

    [Fact]
    public void An_instance_goes_after_30_seconds_without_work_and_starts_cold_again()
    {
        var meter = new InstanceMeter(cold: 1.5);
        meter.Run(0, 0.5);
        meter.Run(32, 0.5);
        meter.Run(63, 0.5);
        meter.Close();

        // 0 to 2 s cold, 32 s within 30 s of that, 63 s after more than 30 s: 2 + 1 + 2.
        Assert.Equal((5, 2), (meter.BilledSeconds, meter.ColdStarts));
        Assert.Equal(32.5 + 30 + 2 + 30, meter.AliveSeconds, 6);
    }

    [Fact]
    public void Executions_beyond_the_concurrency_are_billed_on_another_instance()
    {
        var group = new GroupMeter(concurrency: 2, TimeSpan.Zero);
        for (var i = 0; i < 5; i++)
        {
            group.Run(0, TimeSpan.FromSeconds(2));
        }

        var usage = group.Close("http", scale: 10);

        Assert.Equal((50d, 60d, 30d), (usage.Executions, usage.BilledSeconds, usage.ColdStarts));
    }

    [Fact]
    public void Independent_arrivals_share_windows_as_often_as_probability_says()
    {
        const int count = 200_000;
        const double seconds = 400_000;
        var meter = new InstanceMeter(cold: 0);
        foreach (var at in ArrivalTimes.Of(ArrivalPattern.Poisson, count, seconds, burstSize: 1))
        {
            meter.Run(at, 0.001);
        }

        meter.Close();

        // A window of one second, then the wait for the next arrival: 2 s on average.
        Assert.InRange(meter.BilledSeconds, seconds / 3 * 0.99, seconds / 3 * 1.01);
    }

    [Theory]
    [InlineData(nameof(ArrivalPattern.Even), new[] { 0d, 25, 50, 75 })]
    [InlineData(nameof(ArrivalPattern.Bursts), new[] { 0d, 0.5, 50, 50.5 })]
    public void Requests_arrive_in_a_pattern(string pattern, double[] expected) =>
        Assert.Equal(expected, ArrivalTimes.Of(Enum.Parse<ArrivalPattern>(pattern), 4, 100, burstSize: 2));
}
