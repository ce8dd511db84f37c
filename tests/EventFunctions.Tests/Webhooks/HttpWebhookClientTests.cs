using System.Text;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Http;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using static EventFunctions.Tests.Http.Fetching;
using static EventFunctions.Tests.Webhooks.Posting;

namespace EventFunctions.Tests.Webhooks;

public sealed class HttpWebhookClientTests
{
    private const string Head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n";

    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_was_signed_is_posted_as_it_is()
    {
        await using var server = await StubServer.StartAsync(Body("thanks"u8.ToArray()));
        const string Trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

        var answer = await Client("127.0.0.0/8").SendAsync(Request(new Uri(server.Url, "hooks?tenant=7")) with { TraceParent = Trace }, Stop);

        var request = Assert.Single(server.Requests);
        Assert.Equal(("POST", "/hooks?tenant=7", """{"id":"é"}"""), (request.Method, request.Target, Encoding.UTF8.GetString(request.Body)));
        Assert.Equal("application/cloudevents+json", request.Headers["Content-Type"]);
        Assert.Equal(("msg_1", "1790000000", "v1,b25l v1,dHdv"), (request.Headers["webhook-id"], request.Headers["webhook-timestamp"], request.Headers["webhook-signature"]));
        Assert.Equal((Trace, "EventFunctions/1.0"), (request.Headers["traceparent"], request.Headers["User-Agent"]));
        Assert.Equal((200, null, "thanks", null), (answer.Status, answer.Fault, answer.Head, answer.RetryAfter));
        Assert.True(answer.IsDelivered);
        Assert.InRange(answer.Duration, TimeSpan.FromTicks(1), Limit);
    }

    [Fact]
    public async Task A_webhook_has_the_content_type_and_the_headers_that_it_asks_for()
    {
        await using var server = await StubServer.StartAsync();
        var request = Request(server.Url) with
        {
            ContentType = WebhookContentType.Json,
            Headers = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty.Add("X-Tenant", "7"),
        };

        await Client("127.0.0.0/8").SendAsync(request, Stop);

        var headers = Assert.Single(server.Requests).Headers;
        Assert.Equal(("application/json", "7", "msg_1"), (headers["Content-Type"], headers["X-Tenant"], headers["webhook-id"]));
    }

    [Theory]
    [InlineData("none")]
    [InlineData("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nwebhook-id: msg_2")]
    public async Task A_trace_that_is_none_is_left_out(string trace)
    {
        await using var server = await StubServer.StartAsync();

        await Client("127.0.0.0/8").SendAsync(Request(server.Url) with { TraceParent = trace }, Stop);

        var request = Assert.Single(server.Requests);
        Assert.False(request.Headers.ContainsKey("traceparent"));
        Assert.Equal("msg_1", request.Headers["webhook-id"]);
    }

    [Theory]
    [InlineData(204, true)]
    [InlineData(400, false)]
    [InlineData(410, false)]
    [InlineData(429, false)]
    [InlineData(500, false)]
    public async Task A_status_is_an_answer_and_no_fault(int status, bool isDelivered)
    {
        await using var server = await StubServer.StartAsync(Status(status));

        var answer = await PostAsync(server.Url);

        Assert.Equal((status, null, isDelivered), (answer.Status, answer.Fault, answer.IsDelivered));
    }

    [Theory]
    [InlineData(301)]
    [InlineData(302)]
    [InlineData(303)]
    [InlineData(307)]
    [InlineData(308)]
    public async Task A_redirect_is_not_followed(int status)
    {
        await using var elsewhere = await StubServer.StartAsync();
        await using var server = await StubServer.StartAsync(Redirect(status, elsewhere.Url.ToString()));

        var answer = await PostAsync(server.Url);

        Assert.Equal((status, WebhookFault.Redirect, false), (answer.Status, answer.Fault, answer.IsDelivered));
        Assert.Empty(elsewhere.Requests);
    }

    [Fact]
    public async Task An_answer_that_does_not_come_ends_with_the_timeout()
    {
        await using var server = await StubServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));

        var answer = await PostAsync(server.Url, TimeSpan.FromMilliseconds(300));

        Assert.Equal((null, WebhookFault.Timeout), (answer.Status, answer.Fault));
        Assert.InRange(answer.Duration, TimeSpan.FromMilliseconds(290), Soon);
    }

    [Fact]
    public async Task An_answer_whose_head_never_ends_ends_with_the_timeout()
    {
        await using var server = RawServer.Dripping("HTTP/1.1 200 OK\r\n", "x: y\r\n");

        var answer = await PostAsync(server.Url, TimeSpan.FromMilliseconds(300));

        Assert.Equal((null, WebhookFault.Timeout), (answer.Status, answer.Fault));
        Assert.InRange(answer.Duration, TimeSpan.FromMilliseconds(290), Soon);
    }

    [Fact]
    public async Task An_answer_without_end_is_cut_and_hung_up_on()
    {
        var hungUp = new TaskCompletionSource();
        await using var server = await StubServer.StartAsync(async context =>
        {
            try
            {
                while (true)
                {
                    await context.Response.WriteAsync(new string('a', 4_096), context.RequestAborted);
                }
            }
            finally
            {
                hungUp.SetResult();
            }
        });

        var answer = await PostAsync(server.Url);

        Assert.Equal((200, null, new string('a', EndpointResponse.MaxHeadBytes)), (answer.Status, answer.Fault, answer.Head));
        Assert.InRange(answer.Duration, TimeSpan.Zero, Soon);
        await hungUp.Task.WaitAsync(Soon, Stop);
    }

    [Fact]
    public async Task Whoever_drips_after_the_status_is_not_waited_for()
    {
        await using var server = RawServer.Dripping(Head + "begin", "");

        var answer = await PostAsync(server.Url);

        Assert.Equal((200, null, "begin"), (answer.Status, answer.Fault, answer.Head));
        Assert.InRange(answer.Duration, TimeSpan.Zero, Soon);
    }

    [Fact]
    public async Task An_answer_that_breaks_off_after_the_status_counts()
    {
        await using var server = RawServer.Saying(Head + "begin");

        var answer = await PostAsync(server.Url);

        Assert.Equal((200, null, "begin"), (answer.Status, answer.Fault, answer.Head));
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH_9.6\r\n")]
    [InlineData("HTTP/1.1 OK\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nno header\r\n\r\n")]
    [InlineData("HTTP/9.9 200 OK\r\n\r\n")]
    public async Task Garbage_is_a_fault(string garbage)
    {
        await using var server = RawServer.Saying(garbage);

        var answer = await PostAsync(server.Url);

        Assert.Equal((null, WebhookFault.Protocol), (answer.Status, answer.Fault));
    }

    [Fact]
    public async Task Headers_without_measure_are_a_fault()
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK\r\nx: " + new string('a', 100_000) + "\r\n\r\n");

        Assert.Equal(WebhookFault.Protocol, (await PostAsync(server.Url)).Fault);
    }

    [Fact]
    public async Task Nobody_there_or_somebody_who_hangs_up_is_a_fault()
    {
        await using var silent = RawServer.Saying("");
        Uri gone;
        await using (var closed = RawServer.Saying(""))
        {
            gone = closed.Url;
        }

        Assert.Equal((null, WebhookFault.Connection), (await PostAsync(silent.Url) is var hungUp ? hungUp.Status : 0, hungUp.Fault));
        Assert.Equal((null, WebhookFault.Connection), (await PostAsync(gone) is var refused ? refused.Status : 0, refused.Fault));
    }

    [Fact]
    public async Task Somebody_who_speaks_no_TLS_is_a_fault()
    {
        await using var server = RawServer.Saying("HTTP/1.1 400 Bad Request\r\n\r\n");

        Assert.Equal(WebhookFault.Tls, (await PostAsync(new UriBuilder(server.Url) { Scheme = "https" }.Uri)).Fault);
    }

    [Fact]
    public async Task Text_comes_without_what_could_do_something()
    {
        await using var server = await StubServer.StartAsync(Body([0x1b, (byte)'[', (byte)'2', (byte)'J', 0, (byte)'\r', (byte)'\n', .. "a\tb\u202eé"u8, 0xff]));

        Assert.Equal("[2J\na\tbé\ufffd", (await PostAsync(server.Url)).Head);
    }

    [Theory]
    [InlineData("120", 120)]
    [InlineData("0", 0)]
    [InlineData("Wed, 21 Oct 2015 07:28:00 GMT", 0)]
    [InlineData("soon", null)]
    public async Task How_long_to_stay_away_is_told(string retryAfter, int? seconds)
    {
        await using var server = await StubServer.StartAsync(context =>
        {
            context.Response.Headers.RetryAfter = retryAfter;
            return Status(503)(context);
        });

        Assert.Equal(seconds, (int?)(await PostAsync(server.Url)).RetryAfter?.TotalSeconds);
    }

    [Fact]
    public async Task An_attempt_that_is_cancelled_has_no_answer()
    {
        await using var server = await StubServer.StartAsync(context => Task.Delay(Timeout.Infinite, context.RequestAborted));
        using var cancelled = new CancellationTokenSource();
        var posting = Client("127.0.0.0/8").SendAsync(Request(server.Url), cancelled.Token);
        await Poll.UntilAsync(() => !server.Requests.IsEmpty, () => "nothing was posted");

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => posting);
    }

    [Fact]
    public async Task A_connection_is_used_again()
    {
        await using var server = RawServer.Start(async (stream, stop) =>
        {
            var request = new byte[65_536];
            do
            {
                await stream.WriteAsync("HTTP/1.1 200 OK\r\nContent-Length: 2000\r\n\r\n"u8.ToArray(), stop);
                await stream.WriteAsync(new byte[2_000], stop);
            }
            while (await stream.ReadAsync(request, stop) > 0);
        });
        var client = Client("127.0.0.0/8");

        for (var i = 0; i < 3; i++)
        {
            Assert.True((await client.SendAsync(Request(server.Url), Stop)).IsDelivered);
        }

        Assert.Equal(1, server.Connections);
    }
}
