using System.Collections.Concurrent;
using System.Net;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Composition;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Hosting;
using EventFunctions.Tests.Intake;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using NSubstitute;

namespace EventFunctions.Tests.Messages;

/// <summary>The function that takes messages, as both hosts compose it, on a real server with a store of its own; what it logs is kept.</summary>
internal sealed class MessageService : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly TestServer _server;
    private readonly KeptLog _log;

    private MessageService(TemporaryFolder folder, TestServer server, KeptLog log, FakeTimeProvider clock) =>
        (_folder, _server, _log, Clock) = (folder, server, log, clock);

    public FakeTimeProvider Clock { get; }

    public IEventStore Store => _server.Services.GetRequiredService<IEventStore>();

    public IEnumerable<string> Log => _log.Lines;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public static async Task<MessageService> StartAsync(IEnumerable<Producer> producers, DateTimeOffset now, Dictionary<string, string?>? settings = null)
    {
        var folder = new TemporaryFolder();
        var all = new Dictionary<string, string?>(settings ?? [])
        {
            ["Store"] = "Sqlite",
            ["Sqlite:Path"] = folder.File("events.db"),
            ["EventGrid:Endpoint"] = "https://topic.invalid/api/events",
            ["DeadLetters:Endpoint"] = "https://storage.invalid/",
            ["EventGrid:Key"] = "key",
            ["Api:ContinuationKey"] = Convert.ToBase64String(new byte[32]),
            ["AzureWebJobsStorage"] = "UseDevelopmentStorage=true",
        };
        var registry = Substitute.For<IProducerRegistry>();
        foreach (var producer in producers)
        {
            registry.FindKnownByNameAsync(producer.Name, Arg.Any<CancellationToken>()).Returns(producer);
            registry.FindBySourceAsync(producer.Source, Arg.Any<CancellationToken>()).Returns(producer);
        }

        var log = new KeptLog();
        var clock = new FakeTimeProvider(now);
        var server = await TestServer.StartFunctionsAsync(
            typeof(Functions.Intake),
            services =>
            {
                var configuration = new ConfigurationBuilder().AddInMemoryCollection(all).Build();
                services.AddEventFunctions(configuration).AddSingleton<IConfiguration>(configuration);
                services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
                services.Replace(ServiceDescriptor.Singleton(registry));
                services.Replace(ServiceDescriptor.Singleton(Substitute.For<IEventPublisher>()));
                services.AddLogging(logging => logging.SetMinimumLevel(LogLevel.Trace).AddProvider(log));
            });
        return new MessageService(folder, server, log, clock);
    }

    public Task<Answer> PostAsync(string name, string body, params (string Name, string Value)[] headers) => PostToAsync($"{name}/events", body, headers);

    /// <summary>Asks for the headers of a path below <c>api/producers</c>.</summary>
    public async Task<HttpStatusCode> HeadAsync(string path)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"api/producers/{path}");
        using var response = await _server.Client.SendAsync(request, Stop);
        return response.StatusCode;
    }

    /// <summary>Gets a path below <c>api/producers</c>.</summary>
    public async Task<Answer> GetAsync(string path)
    {
        using var response = await _server.Client.GetAsync($"api/producers/{path}", Stop);
        return await Answer.ReadAsync(response, Stop);
    }

    /// <summary>Posts to a path below <c>api/producers</c>.</summary>
    public async Task<Answer> PostToAsync(string path, string body, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"api/producers/{path}") { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body)) };
        foreach (var (header, value) in headers)
        {
            if (!request.Headers.TryAddWithoutValidation(header, value))
            {
                request.Content.Headers.TryAddWithoutValidation(header, value);
            }
        }

        using var response = await _server.Client.SendAsync(request, Stop);
        return await Answer.ReadAsync(response, Stop);
    }

    public Task<EventRecord?> ReadAsync(string source, string id) => Store.ReadAsync(new EventKey(source, id), Stop);

    public async Task<int> CountAsync() => (await ListAsync()).Count;

    public async Task<IReadOnlyList<EventRecord>> ListAsync() => (await Store.ListAsync(new EventQuery { Limit = 1_000 }, Stop)).Items;

    /// <summary>All that the store has on disk, as one text.</summary>
    public string StoredBytes()
    {
        var text = new StringBuilder();
        foreach (var file in Directory.EnumerateFiles(_folder.Path))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var reader = new StreamReader(stream, Encoding.Latin1);
            text.Append(reader.ReadToEnd());
        }

        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _folder.Dispose();
    }

    private sealed class KeptLog : ILoggerProvider, ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel} {formatter(state, exception)} {exception}");

        public void Dispose()
        {
        }
    }
}
