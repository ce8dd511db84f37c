using System.Net.Http.Headers;
using System.Text.Json;
using EventFunctions.Local.Hosting;
using EventFunctions.Tests.Contract;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>The whole service in this process, on a free port and a folder of its own, with a stub for its producer.</summary>
internal sealed class Service : IAsyncDisposable
{
    public const string Source = "/tests/service";

    private readonly TemporaryFolder _folder;

    private Service(TemporaryFolder folder, StubProducer producer, LocalHost host)
    {
        (_folder, Producer, Host) = (folder, producer, host);
        Client = new HttpClient(new ContractHandler(new SocketsHttpHandler { UseProxy = false })) { BaseAddress = host.Address };
    }

    public StubProducer Producer { get; }

    public LocalHost Host { get; }

    public HttpClient Client { get; }

    /// <summary>The data folder.</summary>
    public string Folder => _folder.Path;

    public string DeadLetterFolder => _folder.File("deadletters");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <summary>Starts the host. Settings replace those of the tests; an empty one removes it.</summary>
    public static async Task<Service> StartAsync(Consumer? consumer = null, int attempts = 30, string urls = "http://127.0.0.1:0", params (string Name, string Value)[] settings)
    {
        var folder = new TemporaryFolder();
        var producer = await StubProducer.StartAsync();
        var all = producer.Registration(Source)
            .Append(new("TickSchedule", "* * * * * *"))
            .Append(new("LocalEventGrid:RetryScale", "0.01"))
            .Append(new("Logging:LogLevel:Default", "None"))
            .Append(new("Logging:LogLevel:EventFunctions", "None"))
            .Concat(consumer is null ? [] : [consumer.Subscribe(folder.File("topics.json"), attempts)])
            .Concat(settings.Select(s => KeyValuePair.Create(s.Name, s.Value)))
            .Reverse()
            .DistinctBy(s => s.Key)
            .Where(s => s.Value.Length > 0)
            .ToDictionary(s => s.Key, s => (string?)s.Value);
        var host = await LocalHost.StartAsync(
            new LocalHostOptions { Urls = urls, DataDirectory = folder.Path, ContentRoot = folder.Path, Settings = all }, Cancellation);
        return new Service(folder, producer, host);
    }

    /// <summary>An event as a structured CloudEvent, its ID also its subject.</summary>
    public static HttpContent Event(string id, string? data = null) => Structured(
        $$"""{"specversion":"1.0","id":"{{id}}","source":"{{Source}}","type":"thing.changed","subject":"{{id}}"{{(data is null ? "" : ",\"data\":" + data)}}}""");

    public static HttpContent Structured(string json) => new StringContent(json, new MediaTypeHeaderValue("application/cloudevents+json"));

    /// <summary>A link that signs a browser in.</summary>
    public Uri CreateLink() => Host.Services.GetRequiredService<SignIn>().CreateLink(Host.Address);

    public Task<HttpResponseMessage> PostAsync(HttpContent content) => Client.PostAsync("/api/events", content, Cancellation);

    public Task<string> GetAsync(string id, string part = "") =>
        Client.GetStringAsync($"/api/events/{id}{part}?source={Uri.EscapeDataString(Source)}", Cancellation);

    public async Task<JsonElement> ReadAsync(string id)
    {
        using var record = JsonDocument.Parse(await GetAsync(id));
        return record.RootElement.Clone();
    }

    /// <summary>The record of an event, once it is told of some step.</summary>
    public async Task<JsonElement> ReachesAsync(string id, string step)
    {
        var record = default(JsonElement);
        await Poll.UntilAsync(
            async () =>
            {
                record = await ReadAsync(id);
                return Steps(record).Contains(step);
            },
            () => record.GetRawText());
        return record;
    }

    /// <summary>The IDs of all records, as often as they are listed.</summary>
    public async Task<List<string>> ListAsync()
    {
        using var page = JsonDocument.Parse(await Client.GetStringAsync("/api/events?limit=1000", Cancellation));
        return [.. page.RootElement.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("id").GetString()!)];
    }

    public static List<string> Steps(JsonElement record) =>
        [.. record.GetProperty("timeline").EnumerateArray().Select(entry => entry.GetProperty("what").GetString()!)];

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Host.DisposeAsync();
        await Producer.DisposeAsync();
        _folder.Dispose();
    }
}
