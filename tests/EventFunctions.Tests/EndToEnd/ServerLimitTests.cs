using System.Globalization;
using System.Net.Sockets;
using System.Text;
using EventFunctions.Composition;
using EventFunctions.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>How large a request may be, by requests as bytes: clients would refuse to send most of them.</summary>
public sealed class ServerLimitTests
{
    private const string Health = "GET /api/health HTTP/1.1\r\n";
    private const string NoBody = "Content-Length: 0";

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Heads_up_to_the_limits_are_read_and_larger_ones_get_an_empty_431_or_414()
    {
        await using var service = await Service.StartAsync();
        (string Name, string Head, int Status)[] requests =
        [
            ("150 headers", Health + Headers(150), 200),
            ("200 headers", Health + Headers(ServerLimits.MaxHeaders - 2), 200),
            ("more than 200 headers", Health + Headers(ServerLimits.MaxHeaders), 431),
            ("60 KB of headers", Health + $"X-Large: {new string('a', 60 * 1024)}\r\n", 200),
            ("more than 64 KB of headers", Health + $"X-Large: {new string('a', ServerLimits.MaxHeaderBytes)}\r\n", 431),
            ("a line of 15 KB", $"GET /api/health?{new string('a', 15 * 1024)} HTTP/1.1\r\n", 200),
            ("a line of more than 16 KB", $"GET /api/health?{new string('a', ServerLimits.MaxRequestLineBytes)} HTTP/1.1\r\n", 414),
        ];

        foreach (var (name, head, status) in requests)
        {
            var response = await SendAsync(service, head);
            Assert.True(response.StartsWith(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} "), StringComparison.Ordinal), $"{name}: {response}");

            // The server answers these before the service sees the request: without a body, so there is no type to guess.
            Assert.True(status == 200 || response.Contains(NoBody, StringComparison.Ordinal), $"{name}: {response}");
        }
    }

    [Theory]
    [InlineData("POST /api/events", "Content-Length: 31000000")]
    [InlineData("POST /api/producers/stub/events", "Content-Length: 31000000")]
    public async Task A_body_that_the_servers_default_would_refuse_gets_413_with_a_problem_document(string call, string length)
    {
        await using var service = await Service.StartAsync();

        var response = await SendAsync(service, $"{call} HTTP/1.1\r\nContent-Type: application/cloudevents+json\r\n{length}\r\n");

        Assert.StartsWith("HTTP/1.1 413 ", response, StringComparison.Ordinal);
        Assert.Contains("Content-Type: application/problem+json", response, StringComparison.Ordinal);
        Assert.Contains("X-Content-Type-Options: nosniff", response, StringComparison.Ordinal);
    }

    [Fact]
    public void The_function_app_has_the_same_limits_and_none_for_bodies()
    {
        var settings = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Store"] = "Sqlite", ["Sqlite:Path"] = "/var/lib/none/events.db" })
            .Build();
        using var services = new ServiceCollection().AddEventFunctions(settings).BuildServiceProvider();

        var limits = services.GetRequiredService<IOptions<KestrelServerOptions>>().Value.Limits;

        Assert.Equal(
            (null, ServerLimits.MaxHeaders, ServerLimits.MaxHeaderBytes, ServerLimits.MaxRequestLineBytes),
            (limits.MaxRequestBodySize, limits.MaxRequestHeaderCount, limits.MaxRequestHeadersTotalSize, limits.MaxRequestLineSize));
    }

    private static string Headers(int count) => string.Concat(Enumerable.Range(0, count).Select(i => $"X-{i}: 1\r\n"));

    // The head of the response: all that the server sends until it closes the connection or the body begins.
    private static async Task<string> SendAsync(Service service, string head)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(service.Host.Address.Host, service.Host.Address.Port, Cancellation);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{head}Host: {service.Host.Address.Authority}\r\nConnection: close\r\n\r\n"), Cancellation);
        var response = new StringBuilder();
        using var reader = new StreamReader(stream, Encoding.ASCII);
        try
        {
            while (await reader.ReadLineAsync(Cancellation) is { Length: > 0 } line)
            {
                response.Append(line).Append('\n');
            }
        }
        catch (IOException)
        {
            // The server resets a connection whose request it has not read to its end.
        }

        return response.ToString();
    }
}
