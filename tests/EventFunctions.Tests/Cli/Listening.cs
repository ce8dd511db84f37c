using System.Net;
using System.Text;
using EventFunctions.Cli;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Cli;

/// <summary>The tool while it listens for webhook deliveries.</summary>
internal sealed class Listening(Task<int> running, SharedText output, SharedText error, CancellationTokenSource stop) : IAsyncDisposable
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public required HttpClient Client { get; init; }

    public static Task<Listening> StartAsync(params string[] args) => StartAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), args);

    public static async Task<Listening> StartAsync(ToolContext context, params string[] args)
    {
        var (output, error) = (new SharedText(), new SharedText());
        var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var running = Tool.RunAsync(["listen", "--port", "0", .. args], context with { Output = output, Error = error }, stop.Token);
        await Poll.UntilAsync(() => running.IsCompleted || error.ToString().Contains("Ctrl+C", StringComparison.Ordinal), () => "It does not listen.");
        return new Listening(running, output, error, stop) { Client = new HttpClient { BaseAddress = new Uri(error.ToString().Split("Receiving at ")[1].Split(' ')[0]) } };
    }

    public async Task<HttpStatusCode> PostAsync(string id, string signed, WebhookSecret secret, string? sent = null, TimeSpan age = default)
    {
        var now = DateTimeOffset.UtcNow - age;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/any/path") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(sent ?? signed)) };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", StandardWebhookSignature.TextOf(now));
        request.Headers.Add("webhook-signature", "v1,AAAA " + StandardWebhookSignature.Sign(secret.Bytes, id, now, Encoding.UTF8.GetBytes(signed)));
        // Asks first: a refusal of something large would otherwise meet the rest of it still on its way, as a broken connection.
        request.Headers.ExpectContinue = true;
        using var answer = await Client.SendAsync(request, Cancellation);
        return answer.StatusCode;
    }

    /// <summary>Ctrl+C, where it has not come to its end.</summary>
    public async Task<ToolRun> EndAsync()
    {
        await stop.CancelAsync();
        return new ToolRun(await running, output.ToString(), error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        await EndAsync();
        Client.Dispose();
        stop.Dispose();
    }
}
