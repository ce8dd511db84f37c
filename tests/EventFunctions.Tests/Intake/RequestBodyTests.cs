using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Text;
using EventFunctions.Http;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Tests.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Time.Testing;

namespace EventFunctions.Tests.Intake;

/// <summary>What a body may cost, whether it is kept or read past.</summary>
public sealed class RequestBodyTests : IAsyncLifetime
{
    private const int FreeBytes = 16_384;

    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    // Not the server's own, which holds answers against the contract of other paths.
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly FakeTimeProvider _time = new();
    private readonly BodyBudget _budget;
    private TestServer _server = null!;

    public RequestBodyTests() => _budget = new BodyBudget(1_000_000, Timeout, _time);

    public static TheoryData<string> Paths => ["kept", "skipped"];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await TestServer.StartAsync(_ => { }, application =>
    {
        application.Map("/kept", async (HttpContext context) =>
        {
            using var hold = _budget.Hold();
            var (body, problem) = await RequestBody.ReadAsync(context.Request, hold, context.RequestAborted);
            using (body)
            {
                await AnswerAsync(context, problem);
            }
        });
        application.Map("/skipped", async (HttpContext context) =>
        {
            using var hold = _budget.Hold();
            await AnswerAsync(context, await RequestBody.SkipAsync(context.Request, hold, context.RequestAborted));
        });
    });

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return _server.DisposeAsync();
    }

    private static Task AnswerAsync(HttpContext context, Problem? problem) =>
        problem is null ? Task.CompletedTask : problem.ExecuteAsync(context);

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task A_body_that_stops_coming_is_given_up_in_time_and_so_is_what_it_holds(string path)
    {
        using var client = await BeginAsync(path, length: 1_000_000, sent: 900_000);
        await HeldAsync(900_000 - FreeBytes);

        _time.Advance(Timeout);

        Assert.Contains("HTTP/1.1 408 ", await AnswerOfAsync(client), StringComparison.Ordinal);
        await HeldAsync(0);
    }

    [Theory]
    [MemberData(nameof(Paths))]
    public async Task Beyond_the_budget_a_large_body_is_put_off_and_a_small_one_gets_through(string path)
    {
        using var slow = await BeginAsync(path, length: 1_000_000, sent: 900_000);
        await HeldAsync(900_000 - FreeBytes);

        using (var putOff = await PostAsync(path, new byte[300_000]))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, putOff.StatusCode);
            Assert.Equal(TimeSpan.FromSeconds(1), putOff.Headers.RetryAfter!.Delta);
        }

        using (var small = await PostAsync(path, new byte[FreeBytes]))
        {
            Assert.Equal(HttpStatusCode.OK, small.StatusCode);
        }

        await slow.GetStream().WriteAsync(new byte[100_000], Stop);
        Assert.Contains("HTTP/1.1 200 ", await AnswerOfAsync(slow), StringComparison.Ordinal);
        await HeldAsync(0);
        using var again = await PostAsync(path, new byte[300_000]);
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
    }

    [Theory]
    [InlineData(1_048_577, null, HttpStatusCode.RequestEntityTooLarge)]
    [InlineData(10, "zip", HttpStatusCode.UnsupportedMediaType)]
    [InlineData(900_000, null, HttpStatusCode.OK)]
    public async Task A_body_that_is_read_past_is_refused_for_the_same_reasons(int length, string? encoding, HttpStatusCode expected)
    {
        foreach (var path in Paths)
        {
            using var answer = await PostAsync(path.Data, new byte[length], encoding);
            Assert.Equal(expected, answer.StatusCode);
        }
    }

    [Fact]
    public async Task What_is_unpacked_counts_as_what_is_sent()
    {
        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionMode.Compress, leaveOpen: true))
        {
            await gzip.WriteAsync(new byte[600_000], Stop);
        }

        using var slow = await BeginAsync("kept", length: 1_000_000, sent: 500_000);
        await HeldAsync(500_000 - FreeBytes);

        using var answer = await PostAsync("kept", packed.ToArray(), "gzip");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
    }

    private Task<HttpResponseMessage> PostAsync(string path, byte[] body, string? encoding = null)
    {
        var content = new ByteArrayContent(body);
        if (encoding is not null)
        {
            content.Headers.ContentEncoding.Add(encoding);
        }

        return _client.PostAsync(new Uri(_server.Client.BaseAddress!, path), content, Stop);
    }

    private async Task<TcpClient> BeginAsync(string path, int length, int sent)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _server.Client.BaseAddress!.Port, Stop);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"POST /{path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"), Stop);
        await client.GetStream().WriteAsync(new byte[sent], Stop);
        return client;
    }

    private static async Task<string> AnswerOfAsync(TcpClient client)
    {
        var buffer = new byte[4_096];
        return Encoding.ASCII.GetString(buffer, 0, await client.GetStream().ReadAsync(buffer, Stop));
    }

    private Task HeldAsync(long bytes) =>
        Poll.UntilAsync(() => Task.FromResult(_budget.HeldBytes == bytes), () => $"{_budget.HeldBytes} bytes are held.");
}
