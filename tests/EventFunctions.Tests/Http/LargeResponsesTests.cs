using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EventFunctions.Http;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Tests.Http;

public sealed class LargeResponsesTests
{
    private const int Items = 500;

    private static readonly byte[] Item = Encoding.UTF8.GetBytes($"\"{new string('x', 40_000)}\"");

    private readonly LargeResponses _large = new(1, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
    private int _written;
    private int _ended;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_is_written_while_it_is_read_and_a_reader_that_takes_nothing_is_dropped()
    {
        await using var server = await StartAsync();
        var address = server.Client.BaseAddress!;
        using var stuck = new TcpClient { ReceiveBufferSize = 4_096 };
        await stuck.ConnectAsync(address.Host, address.Port, Stop);
        await stuck.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET /large HTTP/1.1\r\nHost: {address.Authority}\r\n\r\n"), Stop);

        await Poll.UntilAsync(() => Volatile.Read(ref _ended) == 1, () => $"{_written} written, {_large.Open} open");

        Assert.InRange(_written, 1, Items - 1);
        Assert.Equal(0, _large.Open);
    }

    [Fact]
    public async Task Where_no_place_is_left_large_responses_are_503_and_small_ones_come_as_ever()
    {
        await using var server = await StartAsync();
        using var client = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = server.Client.BaseAddress };
        using (_large.TryEnter())
        {
            using var refused = await client.GetAsync(new Uri("/large", UriKind.Relative), Stop);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.Equal("application/problem+json", refused.Content.Headers.ContentType?.MediaType);
            Assert.Equal(TimeSpan.FromSeconds(5), refused.Headers.RetryAfter?.Delta);
            Assert.False(refused.Headers.Contains("x-before"));

            using var small = await client.GetAsync(new Uri("/small", UriKind.Relative), Stop);
            Assert.Equal(HttpStatusCode.OK, small.StatusCode);
            Assert.Equal("""{"items":[1,2],"continuation":"next"}""", await small.Content.ReadAsStringAsync(Stop));
            Assert.Equal(37, small.Content.Headers.ContentLength);
        }

        using var whole = await client.GetAsync(new Uri("/large", UriKind.Relative), Stop);
        using var page = JsonDocument.Parse(await whole.Content.ReadAsStreamAsync(Stop));
        Assert.Equal(Items, page.RootElement.GetProperty("items").GetArrayLength());
        Assert.Equal("next", page.RootElement.GetProperty("continuation").GetString());
        Assert.Equal(0, _large.Open);
    }

    private Task<TestServer> StartAsync() => TestServer.StartAsync(
        _ => { },
        application =>
        {
            application.MapMethods("/large", ["GET"], async (HttpContext context) =>
            {
                context.Response.Headers["x-before"] = "1";
                await new PageResponse<int>([.. Enumerable.Range(0, Items)], (writer, _) =>
                {
                    _written++;
                    writer.WriteRawValue(Item, skipInputValidation: true);
                })
                { Continuation = "next", Large = _large }.ExecuteAsync(context);
                Interlocked.Increment(ref _ended);
            });
            application.MapMethods("/small", ["GET"], (HttpContext context) =>
                new PageResponse<int>([1, 2], (writer, item) => writer.WriteNumberValue(item)) { Continuation = "next", Large = _large }.ExecuteAsync(context));
        });
}
