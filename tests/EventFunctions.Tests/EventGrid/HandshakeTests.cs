using System.Net;
using EventFunctions.Local.EventGrid;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.EventGrid;

public sealed class HandshakeTests
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(20);

    [Theory]
    [InlineData("eventgrid.azure.net")]
    [InlineData("*")]
    public async Task A_CloudEvents_webhook_agrees_by_answering_OPTIONS_and_gets_what_waited(string allowed)
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var agrees = false;
        subscriber.Answer = (request, context) =>
        {
            if (request.Method == "OPTIONS" && Volatile.Read(ref agrees))
            {
                context.Response.Headers["WebHook-Allowed-Origin"] = allowed;
            }

            return Task.CompletedTask;
        };
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { HandshakeInterval = Interval, Topics = [TestGrid.CloudEventsTopic(TestGrid.Webhook(subscriber))] });

        await grid.PublishAsync(["1"]);
        await Eventually.Holds(() => subscriber.Requests.Count >= 3);
        Assert.False(grid.Status.IsValidated);
        Assert.All(subscriber.Requests, r => Assert.Equal(("OPTIONS", "eventgrid.azure.net"), (r.Method, r.Headers["WebHook-Request-Origin"])));

        Volatile.Write(ref agrees, true);
        await Eventually.Holds(() => grid.Status.Delivered == 1);
        Assert.Equal(["1"], subscriber.Ids);
    }

    [Fact]
    public async Task An_Event_Grid_webhook_agrees_by_echoing_the_code_and_gets_what_waited()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var asked = 0;
        subscriber.Answer = async (request, context) =>
        {
            if (request.Headers["aeg-event-type"] == "SubscriptionValidation")
            {
                var code = request.Json[0].GetProperty("data").GetProperty("validationCode").GetString();
                await context.Response.WriteAsJsonAsync(new { validationResponse = Interlocked.Increment(ref asked) > 1 ? code : "wrong" });
            }
        };
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { HandshakeInterval = Interval, Topics = [TestGrid.EventGridTopic(TestGrid.Webhook(subscriber))] });

        using var response = await grid.PostAsync(
            """[{"id":"1","subject":"s","eventType":"t","eventTime":"2026-01-02T03:04:05Z"}]"""u8.ToArray(),
            "application/json",
            "classic");

        await Eventually.Holds(() => grid.Status is { Delivered: 1, IsValidated: true });
        Assert.Equal(["SubscriptionValidation", "SubscriptionValidation", "Notification"], subscriber.Requests.Select(r => r.Headers["aeg-event-type"]));
        var validation = subscriber.Requests.First().Json[0];
        Assert.Equal("Microsoft.EventGrid.SubscriptionValidationEvent", validation.GetProperty("eventType").GetString());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_webhook_that_does_not_answer_as_asked_can_agree_by_the_URL_it_was_given(bool isCloudEvents)
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        var webhook = TestGrid.Webhook(subscriber);
        await using var grid = await TestGrid.StartAsync(new LocalEventGridOptions
        {
            HandshakeInterval = TimeSpan.FromHours(1),
            Topics = [isCloudEvents ? TestGrid.CloudEventsTopic(webhook) : TestGrid.EventGridTopic(webhook)],
        });
        await Eventually.Holds(() => !subscriber.Requests.IsEmpty);
        var asked = subscriber.Requests.Single();
        var url = isCloudEvents
            ? asked.Headers["WebHook-Request-Callback"]
            : asked.Json[0].GetProperty("data").GetProperty("validationUrl").GetString()!;

        using (var wrong = await TestGrid.Http.GetAsync(new Uri(url + "0"), TestContext.Current.CancellationToken))
        {
            Assert.Equal(HttpStatusCode.BadRequest, wrong.StatusCode);
            Assert.False(grid.Status.IsValidated);
        }

        using var agreed = await TestGrid.Http.GetAsync(new Uri(url), TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.OK, agreed.StatusCode);
        await Eventually.Holds(() => grid.Status.IsValidated);
    }

    [Fact]
    public async Task A_function_is_not_asked()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        await using var grid = await TestGrid.StartAsync(TestGrid.Function(subscriber));

        await grid.PublishAsync(["1"]);

        await Eventually.Holds(() => grid.Status.Delivered == 1);
        Assert.Equal(["POST"], subscriber.Requests.Select(r => r.Method));
    }

    [Fact]
    public async Task A_webhook_that_is_down_is_asked_until_it_is_up()
    {
        await using var subscriber = await TestSubscriber.StartAsync();
        subscriber.Answer = (_, context) =>
        {
            context.Abort();
            return Task.CompletedTask;
        };
        await using var grid = await TestGrid.StartAsync(
            new LocalEventGridOptions { HandshakeInterval = Interval, Topics = [TestGrid.CloudEventsTopic(TestGrid.Webhook(subscriber))] });
        await Eventually.Holds(() => subscriber.Requests.Count >= 2);

        subscriber.Answer = (_, context) =>
        {
            context.Response.Headers["WebHook-Allowed-Origin"] = "*";
            return Task.CompletedTask;
        };

        await Eventually.Holds(() => grid.Status.IsValidated);
    }
}
