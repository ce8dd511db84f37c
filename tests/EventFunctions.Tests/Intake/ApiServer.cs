using EventFunctions.Administration;
using EventFunctions.Composition;
using EventFunctions.Functions;
using EventFunctions.Http;
using EventFunctions.Intake;
using EventFunctions.Intake.EventGrid;
using EventFunctions.Intake.Messages;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Schemas;
using EventFunctions.Storage;
using EventFunctions.Telemetry.Health;
using EventFunctions.Tests.Contract;
using EventFunctions.Tests.Producers;
using EventFunctions.Tests.Publication;
using EventFunctions.Tests.Telemetry;
using EventFunctions.Tests.Ticks;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace EventFunctions.Tests.Intake;

/// <summary>The function classes of intake and reading on a real server, with the ports substituted.</summary>
internal sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ApiServer(WebApplication app, TopicHealth topic, IMessageQueue queue, HttpClient client) => (_app, Topic, Queue, Client) = (app, topic, queue, client);

    public static ContinuationToken Tokens { get; } =
        new(Options.Create(new ApiOptions { ContinuationKey = Convert.ToBase64String(new byte[32]) }));

    private static PlatformPrincipal Principals => new(new ConfigurationBuilder().Build());

    private static AdministratorAccess Administrators
    {
        get
        {
            var options = Options.Create(new AdministrationOptions());
            return new(options, Principals, new AdministrationLog(Substitute.For<IDocumentStore>(), TimeProvider.System, options, NullLogger<AdministrationLog>.Instance), Refusals);
        }
    }

    private static KeyRefusals Refusals => new(new RefusalLog(TimeProvider.System, NullLogger<RefusalLog>.Instance), new ConfigurationBuilder().Build());

    public TopicHealth Topic { get; }

    public IMessageQueue Queue { get; }

    public HttpClient Client { get; }

    /// <summary>Who may read and send, by the keys of a registry.</summary>
    public static ProducerAccess AccessOf(IProducerRegistry producers) => new(
        producers, Options.Create(new ApiOptions()), Administrators, TestMetrics.Create(), Refusals);

    /// <summary>Starts a server whose store takes every event unless it is told otherwise.</summary>
    public static async Task<ApiServer> StartAsync(IEventStore store, CancellationToken cancellationToken)
    {
        store.CreateAsync([], default).ReturnsForAnyArgs(call =>
            Task.FromResult<IReadOnlyList<bool>>([.. call.Arg<IReadOnlyList<EventRecord>>().Select(_ => true)]));
        var producers = SettingsRegistry.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([new("Producers:0:name", "policies"), new("Producers:0:source", "/s"),
                new("Producers:1:name", "limited"), new("Producers:1:source", "/limited"), new("Producers:1:quota:eventsPerMinute", "3")]).Build(), new JsonSchemas());
        var time = TimeProvider.System;
        var publisher = TestPublisher.Over(Substitute.For<IEventPublisher>(), time);
        var health = new StoreHealth(store, time, NullLogger<StoreHealth>.Instance);
        var intake = TestIntake.Over(store, producers, publisher, time, health: health);
        var lookup = new EventLookup(store, time);
        var topic = new TopicHealth(time, NullLogger<TopicHealth>.Instance);
        var queue = Substitute.For<IMessageQueue>();

        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddResponseHeaders();
        var app = builder.Build();
        var access = AccessOf(producers);
        var log = new RefusalLog(time, NullLogger<RefusalLog>.Instance);
        var refusals = new IntakeRefusals(TestMetrics.Create(), log);
        var limits = new BodyLimits(time, Options.Create(new IntakeOptions()));
        var documents = Substitute.For<IDocumentStore>();
        var kept = new EventRefusals(documents, time, Options.Create(new IntakeOptions()), log);
        var grid = new EventGridReception(
            Principals,
            new EventGridIntake(new EachAloneIntake(intake, TestMetrics.Create(), log), kept, producers, TestIntake.Quotas(publisher, time)),
            refusals);
        var receive = new Functions.Intake(
            access,
            new EventReception(limits, Principals, intake, new RegistrationHints(Administrators, producers), refusals, grid),
            new MessageReception(
                producers,
                limits,
                new MessageVerifier(Substitute.For<IProducerSecrets>(), time),
                new ChallengeResponder(Substitute.For<IProducerSecrets>()),
                Principals,
                intake,
                refusals),
            TestOverdueTick.Over(documents, time),
            TestMetrics.Create());
        var events = new Events(access, lookup, kept, Tokens);
        var status = new Status(
            health,
            topic,
            new QueueHealth(queue, time, NullLogger<QueueHealth>.Instance));
        app.MapMethods("/api/events", ["POST"], (HttpRequest request, CancellationToken token) => receive.ReceiveEvents(request, token));
        app.MapMethods("/api/events", ["OPTIONS"], (HttpRequest request) => status.AllowEvents(request));
        app.MapMethods("/api/events", ["GET"], (HttpRequest request, CancellationToken token) => events.ListEvents(request, token));
        app.MapMethods("/api/events/{id}", ["GET"], (HttpRequest request, string id, CancellationToken token) => events.GetEvent(request, id, token));
        app.MapMethods("/api/events/{id}/data", ["GET"], (HttpRequest request, string id, CancellationToken token) => events.GetEventData(request, id, token));
        app.MapMethods("/api/health", ["GET"], (HttpRequest request, CancellationToken token) => status.GetHealth(request, token));
        await app.StartAsync(cancellationToken);
        return new ApiServer(app, topic, queue, new HttpClient(new ContractHandler(new SocketsHttpHandler { UseProxy = false })) { BaseAddress = new Uri(app.Urls.Single()) });
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _app.DisposeAsync();
    }
}
