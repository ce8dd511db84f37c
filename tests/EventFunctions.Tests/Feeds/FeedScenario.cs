using System.Collections.Concurrent;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Composition;
using EventFunctions.Intake.Feeds;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Feeds;

/// <summary>The pull as both hosts compose it, a store of its own, and a feed on a real server that answers as it is told.</summary>
internal sealed class FeedScenario : IAsyncDisposable
{
    public const string Source = "/feeds/policies";

    public static readonly DateTimeOffset Start = new(2026, 11, 23, 9, 30, 0, TimeSpan.Zero);

    private readonly TemporaryFolder _folder = new();
    private readonly ServiceProvider _services;
    private readonly StubServer _server;

    private FeedScenario(StubServer server, string schedule, Dictionary<string, string?> settings)
    {
        _server = server;
        Producer = new Producer
        {
            Name = "policies",
            Source = Source,
            Data = new ProducerData { BaseUrl = server.Url },
            Feed = new ProducerFeed { Url = new Uri(server.Url, "events"), Schedule = schedule },
        };
        var registry = Substitute.For<IProducerRegistry>();
        registry.ListAsync(Arg.Any<CancellationToken>()).Returns(_ => IsRegistered ? [Producer] : []);
        registry.FindBySourceAsync(Source, Arg.Any<CancellationToken>()).Returns(_ =>
        {
            BeforeSource();
            return IsRegistered ? Producer : null;
        });
        registry.FindByNameAsync("policies", Arg.Any<CancellationToken>()).Returns(_ => IsRegistered ? Producer : null);
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Store"] = "Sqlite",
                ["Sqlite:Path"] = _folder.File("events.db"),
                ["EventGrid:Endpoint"] = "https://topic.invalid/api/events",
                ["DeadLetters:Endpoint"] = "https://storage.invalid/",
                ["EventGrid:Key"] = "key",
                ["Api:ContinuationKey"] = Convert.ToBase64String(new byte[32]),
                ["ProducerClient:AllowedNetworks:0"] = "127.0.0.0/8",
                ["ProducerClient:MaxRetries"] = "0",
                ["ProducerClient:BreakThroughput"] = "1000",
            })
            .AddInMemoryCollection(settings)
            .Build();
        _services = new ServiceCollection()
            .AddLogging()
            .AddSingleton<TimeProvider>(Time)
            .AddEventFunctions(configuration)
            .Replace(ServiceDescriptor.Singleton(registry))
            .Replace(ServiceDescriptor.Singleton(Substitute.For<IEventPublisher>()))
            .BuildServiceProvider();
        Documents = new HookedDocuments(_services.GetRequiredService<IDocumentStore>());
    }

    public FakeTimeProvider Time { get; } = new(Start);

    public Producer Producer { get; set; }

    /// <summary>Whether the registry still has the producer.</summary>
    public bool IsRegistered { get; set; } = true;

    /// <summary>Happens before a source is looked up.</summary>
    public Action BeforeSource { get; set; } = () => { };

    public HookedDocuments Documents { get; }

    public ConcurrentQueue<StubRequest> Requests => _server.Requests;

    /// <summary>The feed's events, each with its ID and its JSON.</summary>
    public List<(string Id, string Json)> Events { get; } = [];

    public int PageSize { get; set; } = 100;

    /// <summary>Answers in place of the feed; true means that it did.</summary>
    public Func<HttpContext, Task<bool>> Instead { get; set; } = _ => Task.FromResult(false);

    public IEventStore Store => _services.GetRequiredService<IEventStore>();

    public EventRefusals Refusals => _services.GetRequiredService<EventRefusals>();

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<FeedScenario> StartAsync(string schedule = "0 */5 * * * *", params (string Name, string Value)[] settings)
    {
        var server = await StubServer.StartAsync();
        var scenario = new FeedScenario(server, schedule, settings.ToDictionary(s => s.Name, s => (string?)s.Value));
        server.Answer = scenario.AnswerAsync;
        return scenario;
    }

    public static string Json(string id, string? source = null, string data = "{}") =>
        $$"""{"specversion":"1.0","id":"{{id}}","source":"{{source ?? Source}}","type":"policy.renewed","subject":"policy-{{id}}","data":{{data}}}""";

    public void Add(params string[] ids) => Events.AddRange(ids.Select(id => (id, Json(id))));

    /// <summary>An instance of its own on the same store.</summary>
    public FeedPull Instance(IDocumentStore? documents = null) =>
        ActivatorUtilities.CreateInstance<FeedPull>(_services, documents ?? Documents);

    public Task TickAsync(FeedPull? instance = null) => (instance ?? Instance()).RunAsync(_services.GetRequiredService<IOptions<FeedsOptions>>().Value.TickBudget, Stop);

    public async Task<List<string>> RecordedAsync() =>
        [.. (await Store.ListAsync(new EventQuery { Limit = 1_000 }, Stop)).Items.Select(record => record.Event.Id).Order(StringComparer.Ordinal)];

    public Task<EventRecord?> ReadAsync(string id) => Store.ReadAsync(new EventKey(Source, id), Stop);

    public async Task<JsonElement> StateAsync() =>
        JsonElement.Parse((await Documents.ReadAsync(DocumentContainer.State, "feed", "policies", Stop))!.Body.Span);

    public Task<FeedProgress?> ProgressAsync() => ActivatorUtilities.CreateInstance<FeedProgressReader>(_services, Documents).ReadAsync(Producer, Stop);

    public async Task<string?> CursorAsync() => (await StateAsync()).TryGetProperty("lastEventId", out var id) ? id.GetString() : null;

    public async Task<List<JsonElement>> RefusedAsync() =>
        [.. (await Refusals.ListAsync("policies", 100, null, Stop)).Items.Select(item => JsonElement.Parse(item.Body.Span))];

    public async ValueTask DisposeAsync()
    {
        await _services.DisposeAsync();
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (await Instead(context))
        {
            return;
        }

        var last = context.Request.Query["lastEventId"].ToString();
        var from = Events.FindIndex(e => e.Id == last) + 1;
        var page = Events.Skip(from).Take(PageSize).Select(e => e.Json).ToList();
        var etag = $"\"{Events.Count}\"";
        if (context.Request.Headers.IfNoneMatch == etag)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        context.Response.Headers.ETag = etag;
        await WriteAsync(context, $"[{string.Join(',', page)}]");
    }

    public static async Task<bool> WriteAsync(HttpContext context, string body)
    {
        context.Response.ContentType = "application/cloudevents-batch+json";
        await context.Response.WriteAsync(body);
        return true;
    }
}
