using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EventFunctions.Producers;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;
using static EventFunctions.Tests.Http.Fetching;

namespace EventFunctions.Tests.Http;

public sealed class FetchAnswerTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Data_comes_with_its_bytes_content_type_and_etag()
    {
        const string json = """{"n":123456789012345678901234567890.10}""";
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            context.Response.Headers.ETag = "W/\"7\"";
            return context.Response.WriteAsync(json);
        });

        var fetched = await FetchAsync(server, "policies/42?event=1");

        Assert.Equal(json, Encoding.UTF8.GetString(fetched.Body.Span));
        Assert.Equal(("application/json; charset=utf-8", "W/\"7\""), (fetched.ContentType, fetched.ETag));
        Assert.Equal(new Uri(server.Url, "api/policies/42?event=1"), fetched.Url);
        Assert.Equal("/api/policies/42?event=1", Assert.Single(server.Requests).Target);
    }

    [Fact]
    public async Task Data_without_content_type_and_etag_has_none()
    {
        await using var server = await StubServer.StartAsync(Body([1, 2, 3]));

        var fetched = await FetchAsync(server);

        Assert.Equal((null, null), (fetched.ContentType, fetched.ETag));
        Assert.Equal([1, 2, 3], fetched.Body.ToArray());
    }

    [Theory]
    [InlineData(404, FailureReason.DataNotFound)]
    [InlineData(410, FailureReason.DataNotFound)]
    [InlineData(401, FailureReason.AccessDenied)]
    [InlineData(403, FailureReason.AccessDenied)]
    [InlineData(400, FailureReason.BadAnswer)]
    [InlineData(406, FailureReason.BadAnswer)]
    [InlineData(204, FailureReason.BadAnswer)]
    [InlineData(304, FailureReason.BadAnswer)]
    public async Task An_answer_that_will_not_change_is_permanent_and_not_asked_for_again(int status, string reason)
    {
        await using var server = await StubServer.StartAsync(Status(status));

        var error = await FailAsync(server);

        Assert.Equal((reason, true), (error.Reason, error.Permanent));
        Assert.Single(server.Requests);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(502)]
    [InlineData(503)]
    public async Task A_producer_in_trouble_is_asked_again_and_then_unavailable(int status)
    {
        await using var server = await StubServer.StartAsync(Status(status));

        var error = await FailAsync(server);

        Assert.Equal((FailureReason.ProducerUnavailable, false), (error.Reason, error.Permanent));
        Assert.Equal(3, server.Requests.Count);
    }

    [Fact]
    public async Task A_producer_that_recovers_at_once_answers_the_same_fetch()
    {
        await using var server = await StubServer.StartAsync();
        server.Answer = context => server.Requests.Count < 3 ? Status(503)(context) : Body([7])(context);

        var fetched = await FetchAsync(server);

        Assert.Equal([7], fetched.Body.ToArray());
    }

    [Fact]
    public async Task A_producer_that_asks_for_a_long_pause_is_not_asked_again()
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = "60";
            return Status(429)(context);
        });

        var error = await FailAsync(server);

        Assert.Equal(FailureReason.ProducerUnavailable, error.Reason);
        Assert.Single(server.Requests);
    }

    [Fact]
    public async Task A_producer_that_asks_for_a_short_pause_gets_it()
    {
        await using var server = await StubServer.StartAsync();
        server.Answer = context =>
        {
            context.Response.Headers.RetryAfter = "1";
            return server.Requests.Count == 1 ? Status(503)(context) : Body([7])(context);
        };
        var watch = Stopwatch.StartNew();

        await FetchAsync(server);

        Assert.InRange(watch.ElapsedMilliseconds, 950, 20_000);
    }

    [Fact]
    public async Task A_producer_that_does_not_answer_in_time_is_a_timeout()
    {
        await using var server = await StubServer.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));

        var error = await FailAsync(server, data => data with { Timeout = TimeSpan.FromMilliseconds(200) });

        Assert.Equal((FailureReason.Timeout, false), (error.Reason, error.Permanent));
    }

    [Fact]
    public async Task A_body_that_never_ends_is_a_timeout()
    {
        await using var server = await StubServer.StartAsync(async context =>
        {
            await context.Response.Body.WriteAsync(new byte[10], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted);
        });

        var error = await FailAsync(server, data => data with { Timeout = TimeSpan.FromMilliseconds(200) });

        Assert.Equal(FailureReason.Timeout, error.Reason);
    }

    [Fact]
    public async Task A_body_that_breaks_off_is_fetched_again()
    {
        await using var server = await StubServer.StartAsync();
        server.Answer = async context =>
        {
            context.Response.ContentLength = 1_000;
            await context.Response.Body.WriteAsync(new byte[server.Requests.Count == 1 ? 10 : 1_000], context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (server.Requests.Count == 1)
            {
                context.Abort();
            }
        };

        var fetched = await FetchAsync(server);

        Assert.Equal(1_000, fetched.Body.Length);
        Assert.Equal(2, server.Requests.Count);
    }

    [Fact]
    public async Task A_producer_that_is_down_is_unavailable()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var url = new Uri($"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}/");
        listener.Stop();

        var error = await Assert.ThrowsAsync<FetchException>(() => Client().FetchAsync(Producer(url), url, Cancellation));

        Assert.Equal((FailureReason.ProducerUnavailable, false), (error.Reason, error.Permanent));
        Assert.Contains("ConnectionError", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_callers_own_wish_to_end_the_fetch_is_no_failure()
    {
        await using var server = await StubServer.StartAsync(context => Task.Delay(Timeout.InfiniteTimeSpan, context.RequestAborted));
        using var stopping = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        var producer = Producer(new Uri(server.Url, "api/"));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Client().FetchAsync(producer, producer.Data!.BaseUrl, stopping.Token));
    }
}
