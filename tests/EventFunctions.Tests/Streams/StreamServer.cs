using EventFunctions.Enrichment;
using EventFunctions.Http;
using EventFunctions.Producers;
using EventFunctions.Streams;
using EventFunctions.Tests.Hosting;
using EventFunctions.Tests.Intake;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace EventFunctions.Tests.Streams;

/// <summary>The functions of streams and feeds on a real server, over a store that is told its changes.</summary>
internal static class StreamServer
{
    public static Task<TestServer> StartAsync(ChangeLog log, StreamOptions? options = null, TimeProvider? time = null, Type? function = null) =>
        TestServer.StartFunctionsAsync(function ?? typeof(Functions.Streams), services => services
            .AddLogging()
            .AddSingleton(time ?? TimeProvider.System)
            .AddSingleton(Options.Create(options ?? new StreamOptions()))
            .AddSingleton(Options.Create(new EnrichmentOptions { PublicUrl = new Uri("https://events.example.com/") }))
            .AddSingleton(log.Store)
            .AddSingleton(ApiServer.Tokens)
            .AddSingleton(ApiServer.AccessOf(Substitute.For<IProducerRegistry>()))
            .AddSingleton<AllowedOrigins>()
            .AddSingleton<ChangeCursor>()
            .AddSingleton<ChangeHub>()
            .AddSingleton<EventStreams>()
            .AddSingleton<EventFeed>());

    public static ChangeHub Hub(this TestServer server) => server.Services.GetRequiredService<ChangeHub>();
}
