using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.EventGrid;

/// <summary>A request that a subscriber got.</summary>
internal sealed record ReceivedRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    // Strict: a member that is there twice is refused.
    public JsonElement Json => JsonDocument.Parse(Body, new JsonDocumentOptions { AllowDuplicateProperties = false }).RootElement;

    public string Text => System.Text.Encoding.UTF8.GetString(Body);
}

/// <summary>A subscriber on a port of its own, which answers as it is told and remembers what it got.</summary>
internal sealed class TestSubscriber : IAsyncDisposable
{
    private readonly WebApplication _app;

    private TestSubscriber(WebApplication app) => _app = app;

    public string Url { get; private set; } = "";

    public ConcurrentQueue<ReceivedRequest> Requests { get; } = new();

    public IEnumerable<ReceivedRequest> Deliveries => Requests.Where(r => r.Headers.GetValueOrDefault("aeg-event-type") == "Notification");

    /// <summary>The IDs of all events got so far, repeats included.</summary>
    public IEnumerable<string> Ids => Deliveries.SelectMany(r => r.Json.ValueKind == JsonValueKind.Array ? r.Json.EnumerateArray().ToArray() : [r.Json])
        .Select(e => e.GetProperty("id").GetString()!);

    public Func<ReceivedRequest, HttpContext, Task> Answer { get; set; } = (_, _) => Task.CompletedTask;

    public static async Task<TestSubscriber> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var app = builder.Build();
        var subscriber = new TestSubscriber(app);
        app.Run(subscriber.ReceiveAsync);
        await app.StartAsync();
        subscriber.Url = app.Urls.Single() + "/hook";
        return subscriber;
    }

    /// <summary>Answers everything, attempt after attempt, with these statuses; the last goes on for ever.</summary>
    public void AnswerWith(params int[] statuses)
    {
        var count = -1;
        Answer = (_, context) =>
        {
            context.Response.StatusCode = statuses[Math.Min(Interlocked.Increment(ref count), statuses.Length - 1)];
            return Task.CompletedTask;
        };
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();

    private async Task ReceiveAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var request = new ReceivedRequest(
            context.Request.Method,
            context.Request.Path,
            context.Request.QueryString.Value ?? "",
            context.Request.Headers.ToDictionary(h => h.Key, h => h.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body.ToArray());
        Requests.Enqueue(request);
        if (request.Body.Length > 0)
        {
            _ = request.Json;
        }

        await Answer(request, context);
    }
}
