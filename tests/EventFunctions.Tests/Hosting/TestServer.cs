using System.Net;
using EventFunctions.Composition;
using EventFunctions.Local.Hosting;
using EventFunctions.Tests.Contract;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.Hosting;

/// <summary>A real server on a free port of this machine.</summary>
internal sealed class TestServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private TestServer(WebApplication application)
    {
        _application = application;
        Client = new HttpClient(new ContractHandler(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false })) { BaseAddress = new Uri(application.Urls.First()) };
    }

    public HttpClient Client { get; }

    public IServiceProvider Services => _application.Services;

    public static async Task<TestServer> StartAsync(Action<IServiceCollection> add, Action<WebApplication> map)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore().AddResponseHeaders();
        builder.Services.AddSingleton(TimeProvider.System);
        add(builder.Services);
        var application = builder.Build();
        map(application);
        await application.StartAsync();
        return new TestServer(application);
    }

    public static Task<TestServer> StartFunctionsAsync(Type functions, Action<IServiceCollection>? add = null, Dictionary<string, string?>? settings = null, bool reachable = false)
    {
        var configuration = Settings(settings);
        return StartAsync(
            services =>
            {
                services.AddFunctions(FunctionCatalog.Find([functions], configuration), new FunctionKeys(configuration, reachable));
                add?.Invoke(services);
            },
            application => application.MapFunctions());
    }

    public static IConfiguration Settings(Dictionary<string, string?>? settings = null) =>
        new ConfigurationBuilder().AddInMemoryCollection(settings ?? []).Build();

    /// <summary>The path by which the local Event Grid calls a function of this server.</summary>
    public string WebhookPath(string function) => WebhookPath(Services, function);

    public static string WebhookPath(IServiceProvider services, string function) =>
        $"/runtime/webhooks/EventGrid?functionName={function}&code={services.GetRequiredService<FunctionKeys>().WebhookSecret}";

    public Task StopAsync() => _application.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.DisposeAsync();
    }
}
