using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using EventFunctions.Sqlite;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Local.Demo;

/// <summary>An application that subscribes to the service's topic with a webhook, and remembers the events that it receives.</summary>
public sealed class DemoConsumer : IAsyncDisposable
{
    private const int EventsPerBatch = 50;

    private readonly WebApplication _application;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("eventfunctions-demo-consumer-");
    private readonly ConcurrentDictionary<string, JsonElement> _received = new(StringComparer.Ordinal);

    private DemoConsumer(WebApplication application) => _application = application;

    /// <summary>The events by their IDs; one that came more than once is there once.</summary>
    public IReadOnlyDictionary<string, JsonElement> Received => _received;

    /// <summary>The file that tells the local Event Grid of the subscription.</summary>
    public string TopicsFile => Path.Combine(_folder.FullName, "topics.json");

    /// <summary>Starts the application.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="sources">The sources whose events it wants.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    public static async Task<DemoConsumer> StartAsync(string topic, IReadOnlyList<string> sources, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var application = builder.Build();
        var consumer = new DemoConsumer(application);
        application.MapMethods("/hook", [HttpMethods.Options], Allow);
        application.MapPost("/hook", consumer.TakeAsync);
        await application.StartAsync(cancellationToken);
        await using var file = PrivateFiles.Create(consumer.TopicsFile);
        await file.WriteAsync(Encoding.UTF8.GetBytes(consumer.Subscription(topic, sources)), cancellationToken);
        return consumer;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private string Subscription(string topic, IReadOnlyList<string> sources) => JsonSerializer.Serialize(new
    {
        topics = new[]
        {
            new
            {
                name = topic,
                eventSubscriptions = new[]
                {
                    new
                    {
                        name = "demo",
                        properties = new
                        {
                            destination = new
                            {
                                endpointType = "WebHook",
                                properties = new { endpointUrl = _application.Urls.First() + "/hook", maxEventsPerBatch = EventsPerBatch },
                            },
                            eventDeliverySchema = "CloudEventSchemaV1_0",
                            filter = new { advancedFilters = new[] { new { operatorType = "StringIn", key = "source", values = sources } } },
                        },
                    },
                },
            },
        },
    });

    private static Task Allow(HttpContext context)
    {
        context.Response.Headers["WebHook-Allowed-Origin"] = context.Request.Headers["WebHook-Request-Origin"];
        context.Response.Headers["WebHook-Allowed-Rate"] = "*";
        return Task.CompletedTask;
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var body = await JsonDocument.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted);
        foreach (var received in body.RootElement.EnumerateArray())
        {
            _received.TryAdd(received.GetProperty("id").GetString()!, received.Clone());
        }
    }
}
