using System.Net.Http.Headers;
using Azure;
using Azure.Core.Pipeline;
using Azure.Messaging.EventGrid;
using EventFunctions.Local.EventGrid;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.EventGrid;

/// <summary>A local Event Grid in a host of its own, on a folder that outlives its restarts.</summary>
internal sealed class TestGrid : IAsyncDisposable
{
    public const string Key = "dGhlIGZpcnN0IGtleSBvZiB0aGUgdG9waWM=";
    public const string SecondKey = "dGhlIHNlY29uZCBrZXkgb2YgdGhlIHRvcGlj";

    private readonly TemporaryFolder _folder = new();
    private readonly LocalEventGridOptions _options;
    private readonly TimeProvider _time;
    private WebApplication? _app;

    private TestGrid(LocalEventGridOptions options, TimeProvider time)
    {
        _options = options with { DataFolder = _folder.File("grid") };
        _time = time;
    }

    public static HttpClient Http { get; } = new();

    public string DeadLetterFolder => Path.Combine(_folder.File("grid"), "dead-letters");

    public string DatabasePath => Path.Combine(_folder.File("grid"), "eventgrid.db");

    public LocalEventGrid Grid => _app!.Services.GetRequiredService<LocalEventGrid>();

    public SubscriptionStatus Status => Grid.Status[0];

    public static Task<TestGrid> StartAsync(params EventSubscriptionResource[] subscriptions) =>
        StartAsync(new LocalEventGridOptions { Topics = [CloudEventsTopic(subscriptions)] });

    public static async Task<TestGrid> StartAsync(LocalEventGridOptions options, TimeProvider? time = null)
    {
        var grid = new TestGrid(options, time ?? TimeProvider.System);
        await grid.StartAsync();
        return grid;
    }

    public static TopicResource CloudEventsTopic(params EventSubscriptionResource[] subscriptions) => new()
    {
        Name = "events",
        Properties = new() { InputSchema = "CloudEventSchemaV1_0" },
        Keys = new() { Key1 = Key, Key2 = SecondKey },
        EventSubscriptions = subscriptions,
    };

    public static TopicResource EventGridTopic(params EventSubscriptionResource[] subscriptions) =>
        CloudEventsTopic(subscriptions) with { Name = "classic", Properties = new() { InputSchema = "EventGridSchema" } };

    public static EventSubscriptionResource Function(TestSubscriber subscriber, string name = "enrich") => new()
    {
        Name = name,
        Properties = new()
        {
            Destination = new() { EndpointType = "AzureFunction", Properties = new() { EndpointUrl = subscriber.Url } },
            DeadLetterDestination = new() { Properties = new() { BlobContainerName = "dead" } },
        },
    };

    public static EventSubscriptionResource Webhook(TestSubscriber subscriber, string name = "consumer")
    {
        var function = Function(subscriber, name);
        return function with
        {
            Properties = function.Properties with { Destination = function.Properties.Destination with { EndpointType = "WebHook" } },
        };
    }

    public string Endpoint(string topic = "events") => $"{_app!.Urls.Single()}/eventgrid/{topic}/api/events";

    // No retries, so that a test sees the first answer.
    public EventGridPublisherClient Client(string topic = "events", string key = Key) => new(
        new Uri(Endpoint(topic)),
        new AzureKeyCredential(key),
        new EventGridPublisherClientOptions { Retry = { MaxRetries = 0 }, Transport = new HttpClientTransport(Http) });

    public async Task<HttpResponseMessage> PostAsync(
        byte[] body, string contentType = "application/cloudevents+json", string topic = "events", string? key = Key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Endpoint(topic) + "?api-version=2018-01-01");
        request.Content = new ByteArrayContent(body);
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        if (key is not null)
        {
            request.Headers.Add("aeg-sas-key", key);
        }

        return await Http.SendAsync(request, TestContext.Current.CancellationToken);
    }

    /// <summary>Publishes CloudEvents with these IDs, in one request.</summary>
    public async Task PublishAsync(params IEnumerable<string> ids)
    {
        var events = ids.Select(id => $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"/s","type":"t","data":{"of":"{{{id}}}"}}""");
        var body = System.Text.Encoding.UTF8.GetBytes($"[{string.Join(',', events)}]");
        using var response = await PostAsync(body, "application/cloudevents-batch+json");
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Stops the host and starts another on the same folder.</summary>
    /// <param name="between">Runs when nothing has the folder open.</param>
    public async Task RestartAsync(Action? between = null)
    {
        await StopAsync();
        between?.Invoke();
        await StartAsync();
    }

    public async Task StopAsync()
    {
        await _app!.StopAsync(TestContext.Current.CancellationToken);
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _app!.StopAsync(new CancellationToken(canceled: true));
        await _app.DisposeAsync();
        _folder.Dispose();
    }

    private async Task StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        builder.Services.AddRouting();
        builder.Services.AddSingleton(_time);
        builder.Services.AddLocalEventGrid(_options);
        _app = builder.Build();
        _app.MapLocalEventGrid();
        await _app.StartAsync();
    }
}
