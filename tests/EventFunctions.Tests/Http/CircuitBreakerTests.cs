using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Tests.Webhooks;
using static EventFunctions.Tests.Http.Fetching;

namespace EventFunctions.Tests.Http;

public sealed class CircuitBreakerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_producer_that_fails_every_time_is_left_alone_for_a_while_and_others_are_not()
    {
        await using var dead = await StubServer.StartAsync(Status(500));
        await using var alive = await StubServer.StartAsync(Body([7]));
        var client = Client(Options() with { MaxRetries = 0, BreakThroughput = 5, BreakDuration = TimeSpan.FromMinutes(1) });
        var policies = Producer(new Uri(dead.Url, "api/"));
        var claims = Producer(new Uri(alive.Url, "api/")) with { Name = "claims" };

        for (var i = 0; i < 20; i++)
        {
            var error = await Assert.ThrowsAsync<FetchException>(() => client.FetchAsync(policies, policies.Data!.BaseUrl, Cancellation));
            Assert.Equal((FailureReason.ProducerUnavailable, false), (error.Reason, error.Permanent));
        }

        Assert.Equal(5, dead.Requests.Count);
        Assert.Equal([7], (await client.FetchAsync(claims, claims.Data!.BaseUrl, Cancellation)).Body.ToArray());
    }

    [Fact]
    public async Task A_producer_that_never_answers_is_left_alone_for_a_while()
    {
        await using var hanging = await StubServer.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
        var client = Client(Options() with { BreakThroughput = 5, BreakDuration = TimeSpan.FromMinutes(1) });
        var producer = Producer(new Uri(hanging.Url, "api/"), data => data with { Timeout = TimeSpan.FromMilliseconds(500) });

        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ =>
            Assert.ThrowsAsync<FetchException>(() => client.FetchAsync(producer, producer.Data!.BaseUrl, Cancellation))));
        var asked = hanging.Requests.Count;
        var error = await Assert.ThrowsAsync<FetchException>(() => client.FetchAsync(producer, producer.Data!.BaseUrl, Cancellation));

        Assert.Equal(FailureReason.ProducerUnavailable, error.Reason);
        Assert.Equal(asked, hanging.Requests.Count);
    }

    [Fact]
    public async Task A_producer_that_was_not_asked_is_not_blamed_for_the_response_that_broke_the_circuit()
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc");
        var client = Client(Options() with { MaxRetries = 0, BreakThroughput = 2, BreakDuration = TimeSpan.FromMinutes(1) });
        var producer = Producer(server.Url);

        var reasons = new List<string>();
        for (var i = 0; i < 3; i++)
        {
            reasons.Add((await Assert.ThrowsAsync<FetchException>(() => client.FetchAsync(producer, server.Url, Cancellation))).Reason);
        }

        Assert.Equal([FailureReason.BadAnswer, FailureReason.BadAnswer, FailureReason.ProducerUnavailable], reasons);
        Assert.Equal(2, server.Connections);
    }

    [Fact]
    public async Task A_missing_document_does_not_make_a_producer_look_dead()
    {
        await using var server = await StubServer.StartAsync(Status(404));
        var client = Client(Options() with { BreakThroughput = 2 });
        var producer = Producer(new Uri(server.Url, "api/"));

        for (var i = 0; i < 10; i++)
        {
            await Assert.ThrowsAsync<FetchException>(() => client.FetchAsync(producer, producer.Data!.BaseUrl, Cancellation));
        }

        Assert.Equal(10, server.Requests.Count);
    }
}
