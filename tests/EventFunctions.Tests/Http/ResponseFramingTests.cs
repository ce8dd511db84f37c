using System.Text;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Tests.Webhooks;
using EventFunctions.Webhooks;
using static EventFunctions.Tests.Http.Fetching;

namespace EventFunctions.Tests.Http;

public sealed class ResponseFramingTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public static TheoryData<string, string> Ambiguous => new()
    {
        { "Content-Length: 2\r\nContent-Length: 3\r\n\r\nabc", "more than one Content-Length" },
        { "Content-Length: 3\r\ncontent-length: 3\r\n\r\nabc", "more than one Content-Length" },
        { "Content-Length: 3, 3\r\n\r\nabc", "more than one Content-Length" },
        { "Content-Length: -1\r\n\r\nabc", "not a number of bytes" },
        { "Content-Length: +3\r\n\r\nabc", "not a number of bytes" },
        { "Content-Length: 0x3\r\n\r\nabc", "not a number of bytes" },
        { "Content-Length: three\r\n\r\nabc", "not a number of bytes" },
        { "Content-Length: \r\n\r\nabc", "not a number of bytes" },
        { "Content-Length: 99999999999999999999\r\n\r\nabc", "not a number of bytes" },
        { "Content-Encoding: gzip\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", "more than one Content-Length" },
        { "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "both a Content-Length and a Transfer-Encoding" },
        { "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n", "Transfer-Encoding other than chunked" },
        { "Transfer-Encoding: gzip\r\n\r\nabc", "Transfer-Encoding other than chunked" },
        { "Content-Length: 2\r\n\r\nabc", "more bytes than its Content-Length announces" },
        { "Content-Length: 0\r\n\r\nabc", "more bytes than its Content-Length announces" },
        { $"Content-Length: 50000\r\n\r\n{new string('a', 50_001)}", "more bytes than its Content-Length announces" },
    };

    [Theory]
    [MemberData(nameof(Ambiguous), DisableDiscoveryEnumeration = true)]
    public async Task A_response_of_ambiguous_length_is_a_failure_that_is_retried(string response, string detail)
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK\r\n" + response);
        var producer = Producer(server.Url);

        var error = await Assert.ThrowsAsync<FetchException>(() => Client().FetchAsync(producer, new Uri(server.Url, "x"), Cancellation));

        Assert.Equal((FailureReason.BadAnswer, false), (error.Reason, error.Permanent));
        Assert.Contains(detail, error.Message, StringComparison.Ordinal);
        Assert.True(server.Connections > 1, "It was not tried again.");
    }

    [Theory]
    [InlineData("Content-Length: 9\r\n\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n9\r\nabc")]
    [InlineData("Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")]
    public async Task A_response_that_breaks_off_is_a_failure_that_is_retried(string response)
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK\r\n" + response);
        var producer = Producer(server.Url);

        var error = await Assert.ThrowsAsync<FetchException>(() => Client().FetchAsync(producer, new Uri(server.Url, "x"), Cancellation));

        Assert.Equal((FailureReason.ProducerUnavailable, false), (error.Reason, error.Permanent));
        Assert.Contains("ended early", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Content-Length: 3\r\n\r\nabc")]
    [InlineData("CONTENT-LENGTH :3\r\n\r\nabc")]
    [InlineData("Content-Length: 3\n\nabc")]
    [InlineData("Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n")]
    [InlineData("X-Content-Length: 99\r\n\r\nabc")]
    public async Task A_response_of_clear_length_is_read_however_it_is_written(string response)
    {
        await using var server = RawServer.Saying("HTTP/1.1 100 Continue\r\nContent-Length: 7\r\n\r\nHTTP/1.1 200 OK\r\n" + response);
        var producer = Producer(server.Url);

        var fetched = await Client().FetchAsync(producer, new Uri(server.Url, "x"), Cancellation);

        Assert.Equal("abc", Encoding.ASCII.GetString(fetched.Body.Span));
    }

    [Fact]
    public async Task A_response_that_comes_byte_by_byte_is_checked_like_any_other()
    {
        await using var server = RawServer.Start(async (stream, stop) =>
        {
            foreach (var letter in "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc"u8.ToArray())
            {
                await stream.WriteAsync(new[] { letter }, stop);
            }
        });

        var error = await Assert.ThrowsAsync<FetchException>(() => Client().FetchAsync(Producer(server.Url), new Uri(server.Url, "x"), Cancellation));

        Assert.Equal(FailureReason.BadAnswer, error.Reason);
    }

    [Fact]
    public async Task An_endpoint_whose_answer_has_an_ambiguous_length_has_not_taken_the_message()
    {
        await using var server = RawServer.Saying("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc");

        var answer = await Posting.PostAsync(server.Url);

        Assert.Equal((null, WebhookFault.Protocol), (answer.Status, answer.Fault));
    }
}
