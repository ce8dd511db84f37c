using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>An application that subscribes to the service's topic with a webhook, and remembers every copy it gets.</summary>
internal sealed class Consumer : IAsyncDisposable
{
    private const int EventsPerBatch = 50;

    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _received = new(StringComparer.Ordinal);

    private Consumer(WebApplication app) => _app = app;

    /// <summary>The status of the next answers.</summary>
    public int Status { get; set; } = StatusCodes.Status200OK;

    /// <summary>The JSON of each copy, by event ID.</summary>
    public IReadOnlyDictionary<string, ConcurrentQueue<string>> Received => _received;

    public static async Task<Consumer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var consumer = new Consumer(app);
        app.MapMethods("/hook", ["OPTIONS"], Allow);
        app.MapPost("/hook", (Delegate)consumer.TakeAsync);
        await app.StartAsync();
        return consumer;
    }

    /// <summary>Writes the file that subscribes the consumer to the service's topic.</summary>
    /// <param name="path">Where to.</param>
    /// <param name="attempts">How often Event Grid tries before an event is a dead letter, in the container <c>deadletters-consumer</c>.</param>
    /// <returns>The setting that names the file.</returns>
    public KeyValuePair<string, string> Subscribe(string path, int attempts = 30)
    {
        File.WriteAllText(path, JsonSerializer.Serialize(new
        {
            topics = new[] { new { name = "events", eventSubscriptions = new[] { Subscription(attempts) } } },
        }));
        return new("LocalEventGrid:TopicsFile", path);
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private object Subscription(int attempts) => new
    {
        name = "consumer",
        properties = new
        {
            destination = new
            {
                endpointType = "WebHook",
                properties = new { endpointUrl = _app.Urls.Single() + "/hook", maxEventsPerBatch = EventsPerBatch },
            },
            eventDeliverySchema = "CloudEventSchemaV1_0",
            retryPolicy = new { maxDeliveryAttempts = attempts },
            deadLetterDestination = new { properties = new { blobContainerName = "deadletters-consumer" } },
        },
    };

    private static void Allow(HttpContext context)
    {
        context.Response.Headers["WebHook-Allowed-Origin"] = context.Request.Headers["WebHook-Request-Origin"];
        context.Response.Headers["WebHook-Allowed-Rate"] = "*";
    }

    private async Task<IResult> TakeAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        if (Status == StatusCodes.Status200OK)
        {
            foreach (var received in body.RootElement.EnumerateArray())
            {
                _received.GetOrAdd(received.GetProperty("id").GetString()!, _ => []).Enqueue(received.GetRawText());
            }
        }

        return Results.StatusCode(Status);
    }
}
