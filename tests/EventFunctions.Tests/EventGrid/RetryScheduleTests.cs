using EventFunctions.Local.EventGrid;

namespace EventFunctions.Tests.EventGrid;

public sealed class RetryScheduleTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void The_delays_are_the_services()
    {
        var schedule = new RetrySchedule(RetrySchedule.ServiceDelays, 1, () => 0);

        var seconds = Enumerable.Range(1, 12).Select(n => Next(schedule, 500, n, isAzureResource: false).DueAt - Now).Select(d => d.TotalSeconds);

        Assert.Equal([10, 30, 60, 300, 600, 1800, 3600, 10800, 21600, 43200, 43200, 43200], seconds);
    }

    [Theory]
    [InlineData(0.0, 10)]
    [InlineData(0.5, 10.5)]
    [InlineData(1.0, 11)]
    public void A_little_chance_is_added(double random, double seconds)
    {
        var schedule = new RetrySchedule(RetrySchedule.ServiceDelays, 1, () => random);

        Assert.Equal(seconds, (Next(schedule, 500, 1, isAzureResource: false).DueAt - Now).TotalSeconds, 3);
    }

    [Theory]
    [InlineData(400, false, null)]
    [InlineData(401, false, null)]
    [InlineData(403, false, null)]
    [InlineData(413, false, null)]
    [InlineData(404, false, 10)]
    [InlineData(408, false, 120)]
    [InlineData(429, false, 10)]
    [InlineData(503, false, 30)]
    [InlineData(302, false, 10)]
    [InlineData(0, false, 10)]
    [InlineData(400, true, null)]
    [InlineData(403, true, null)]
    [InlineData(413, true, null)]
    [InlineData(401, true, 300)]
    [InlineData(404, true, 300)]
    [InlineData(500, true, 10)]
    public void Each_answer_has_its_own_consequence(int status, bool isAzureResource, int? seconds)
    {
        var schedule = new RetrySchedule(RetrySchedule.ServiceDelays, 1, () => 0);

        var next = Next(schedule, status, 1, isAzureResource);

        Assert.Equal(seconds is null ? DeadLetterReason.Undeliverable : null, next.Reason);
        Assert.Equal(seconds ?? 0, (next.DueAt - Now).TotalSeconds);
    }

    [Fact]
    public void The_scale_shortens_everything()
    {
        var schedule = new RetrySchedule(RetrySchedule.ServiceDelays, 0.001, () => 0);

        Assert.Equal(TimeSpan.FromMilliseconds(10), Next(schedule, 500, 1, isAzureResource: true).DueAt - Now);
        Assert.Equal(TimeSpan.FromMilliseconds(300), Next(schedule, 404, 1, isAzureResource: true).DueAt - Now);
    }

    [Fact]
    public void The_last_attempt_that_is_allowed_ends_it()
    {
        var schedule = new RetrySchedule(RetrySchedule.ServiceDelays, 1, () => 0);

        Assert.Null(Next(schedule, 500, 29, isAzureResource: false).Reason);
        Assert.Equal(DeadLetterReason.MaxDeliveryAttemptsExceeded, Next(schedule, 500, 30, isAzureResource: false).Reason);
    }

    private static TopicDelivery Next(RetrySchedule schedule, int status, int attempts, bool isAzureResource)
    {
        var options = new LocalEventGridOptions
        {
            Topics =
            [
                TestGrid.CloudEventsTopic(new EventSubscriptionResource
                {
                    Name = "subscription",
                    Properties = new()
                    {
                        Destination = new()
                        {
                            EndpointType = isAzureResource ? "AzureFunction" : "WebHook",
                            Properties = new() { EndpointUrl = "http://127.0.0.1/" },
                        },
                    },
                }),
            ],
        };
        var topics = GridConfiguration.Compile(options);
        var attempted = new TopicDelivery { Sequence = 1, PublishedAt = Now, Body = [], Attempts = attempts };
        var result = status == 0 ? AttemptResult.TimedOut : AttemptResult.Answered(status);
        return schedule.Next(topics[0].Subscriptions[0], attempted, result, Now);
    }
}
