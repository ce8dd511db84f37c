using EventFunctions.Composition;
using EventFunctions.Http;
using EventFunctions.Local.EventGrid;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Logging;
using EventFunctions.Publication;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Records;
using EventFunctions.Sqlite;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;
using Microsoft.Extensions.Options;

namespace EventFunctions.Local.Hosting;

/// <summary>The whole service on one machine, in one process: functions, local Event Grid, sample producer, store.</summary>
internal sealed class LocalHost : IAsyncDisposable
{
    // What is in flight when the host stops may take this long to finish.
    private static readonly TimeSpan DrainTime = TimeSpan.FromSeconds(10);

    // Twice what any endpoint takes, and how slowly it may come.
    private const int MaxBodyBytes = 2 * 1024 * 1024;
    private const int MaxUnreadBytes = 128 * 1024;
    private const double MinBodyBytesPerSecond = 16_384;
    private static readonly TimeSpan BodyGracePeriod = TimeSpan.FromSeconds(10);

    private readonly DataFolder _data;
    private readonly WebApplication _application;

    private LocalHost(DataFolder data, WebApplication application, Uri address)
    {
        _data = data;
        _application = application;
        Address = address;
    }

    /// <summary>The URL by which this machine reaches the host, ending in a slash.</summary>
    public Uri Address { get; }

    /// <summary>The full path of the data folder.</summary>
    public string DataPath => _data.Path;

    /// <summary>The settings in force.</summary>
    public IConfiguration Configuration => _application.Configuration;

    /// <summary>The host's services.</summary>
    public IServiceProvider Services => _application.Services;

    /// <summary>Cancelled when the host begins to stop.</summary>
    public CancellationToken Stopping => _application.Lifetime.ApplicationStopping;

    /// <summary>Starts a host.</summary>
    /// <param name="options">How.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="HostStartException">The data folder, an address, a setting, or a function is not as it must be.</exception>
    /// <exception cref="OptionsValidationException">A setting is wrong.</exception>
    public static async Task<LocalHost> StartAsync(LocalHostOptions options, CancellationToken cancellationToken)
    {
        var addresses = ListeningAddresses.Parse(options.Urls);
        var data = DataFolder.Open(options.DataDirectory);
        BoundListeners? listeners = null;
        WebApplication? application = null;
        try
        {
            listeners = BoundListeners.Bind(addresses);
            application = Build(options, data, listeners);
            await application.StartAsync(cancellationToken);
            return new LocalHost(data, application, listeners.SelfAddress);
        }
        catch
        {
            if (application is not null)
            {
                await application.DisposeAsync();
            }

            listeners?.Dispose();
            data.Dispose();
            throw;
        }
    }

    /// <summary>Waits until the host is to stop; disposing it then stops it.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task WaitForStoppingAsync(CancellationToken cancellationToken)
    {
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var asked = Stopping.Register(stopping.SetResult);
        await stopping.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Stops accepting requests, waits for running calls, and releases the data folder.</summary>
    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
        _data.Dispose();
    }

    private static WebApplication Build(LocalHostOptions options, DataFolder data, BoundListeners listeners)
    {
        var self = listeners.SelfAddress;
        var settings = LocalSettings.Build(options, data, self);
        var sample = LocalSettings.IsSampleEnabled(settings);
        var keys = options.RunFunctions ? new FunctionKeys(settings, reachable: !listeners.LoopbackOnly) : null;

        // The empty builder brings nothing that a request would have to pass through.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions { ContentRootPath = options.ContentRoot });
        builder.Configuration.AddConfiguration(settings);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBufferSize = MaxUnreadBytes;
            kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(MinBodyBytesPerSecond, BodyGracePeriod);
            foreach (var endPoint in listeners.EndPoints)
            {
                kestrel.Listen(endPoint);
            }
        });
        AddLogging(builder);
        builder.Services.AddTelemetry(settings);
        var services = builder.Services;
        services.Configure<SocketTransportOptions>(o => o.CreateBoundListenSocket = listeners.Take);
        services.Configure<HostOptions>(o => o.ShutdownTimeout = DrainTime);

        // The endpoints that are no functions do not limit their own bodies.
        services.PostConfigure<KestrelServerOptions>(server => server.Limits.MaxRequestBodySize = MaxBodyBytes);
        services.AddSingleton<IHostLifetime, DrainingLifetime>();
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton<RefusalLog>();
        services.AddRoutingCore().AddResponseHeaders().AddServerLimits();
        if (sample)
        {
            services.AddSampleProducer(time => OpenFetchLog(time, settings[LocalSettings.SampleFetchLog]));
        }

        var readsLetters = options.RunFunctions || settings[LocalSettings.DeadLetterConnectionString] is { Length: > 0 };
        var republishes = keys is not null && StoreServices.Find(settings) == SqliteServices.Store;
        var grid = ServiceTopic.Options(
            settings, data, keys is null ? options.FunctionsUrl : self, keys?.WebhookSecret ?? settings[FunctionKeys.EventGridSetting] ?? "", readsLetters, republishes);
        services.AddLocalEventGrid(grid);
        if (keys is not null)
        {
            if (string.IsNullOrEmpty(settings[LocalSettings.DeadLetterConnectionString]))
            {
                services.AddSingleton<IDeadLetterStore>(new DeadLetterFolderStore(settings[LocalSettings.DeadLetterFolder]!));
            }

            services.AddSingleton<IErasableCopies, EventGridCopies>();
            services.AddLocalQueues(settings);
            services.AddEventFunctions(settings);
            if (republishes)
            {
                services.AddHostedService<LostEvents>();
            }

            services.AddFunctions(FunctionCatalog.Find(options.FunctionTypes, settings), keys);
            if (grid.InProcess && settings[LocalSettings.TopicEndpoint] == LocalSettings.OwnTopic(self))
            {
                services.Replace(ServiceDescriptor.Singleton<IEventPublisher, OwnTopicPublisher>());
            }
        }

        var hosts = new AllowedHosts(settings);
        var isKeyless = keys is { Required: false } || (keys is null && listeners.LoopbackOnly);
        services.AddSingleton(provider => new CrossSiteCheck(
            isKeyless, hosts, provider.GetService<AllowedOrigins>(), provider.GetRequiredService<RefusalLog>()));
        var application = builder.Build();

        // Here and not in the host's start, which would log a stack trace where the command line has a line to say.
        application.Services.GetService<IStartupValidator>()?.Validate();
        application.Use(application.Services.GetRequiredService<CrossSiteCheck>().Before);
        application.Use(UnansweredRequests.Explain);
        application.Use(FailedEndpoints.Explain(application.Services.GetRequiredService<ILogger<LocalHost>>()));
        if (sample)
        {
            application.MapSampleProducer().WithMetadata(new EndpointKey(IsRequired: false));
        }

        var refusals = application.Services.GetRequiredService<RefusalLog>();
        application.MapLocalEventGrid(refused => refusals.Record(OwnTopicPublisher.Publication, refused));
        if (options.RunFunctions)
        {
            // Behind the check: no cookie signs in a request of another origin.
            application.Use(application.Services.GetRequiredService<SignIn>().Before);
            application.MapFunctions();
            if (grid.InProcess)
            {
                var webhook = application.Services.GetRequiredService<EventGridWebhook>();
                application.Services.GetRequiredService<EventGrid.LocalEventGrid>().UseOwnEndpoints(address => webhook.Find(address, self));
            }
        }

        return application;
    }

    private static FetchLog OpenFetchLog(TimeProvider time, string? path)
    {
        try
        {
            return new FetchLog(time, path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new HostStartException($"{LocalSettings.SampleFetchLog} is \"{path}\", which is not writable: {e.Message}", e);
        }
    }

    // To standard error, one line each: standard output is for what the host has to say.
    private static void AddLogging(WebApplicationBuilder builder)
    {
        var levels = builder.Configuration.GetSection("Logging:LogLevel").GetChildren();
        if (levels.FirstOrDefault(level => level.Value is { Length: > 0 } name && !Enum.TryParse<LogLevel>(name, ignoreCase: true, out _)) is { } wrong)
        {
            throw new HostStartException($"{wrong.Path} is \"{wrong.Value}\", but must be one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");
        }

        builder.Logging.AddConfiguration(builder.Configuration.GetSection("Logging"));
        builder.Logging.AddSimpleConsole(o =>
        {
            o.SingleLine = true;
            o.TimestampFormat = "HH:mm:ss ";
            o.UseUtcTimestamp = true;
        });
        SafeLoggerFactory.AddTo(builder.Services);
        builder.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
    }
}
