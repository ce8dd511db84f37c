using System.Collections.Immutable;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// An Event Grid on this machine: publish endpoint, filters, handshakes, delivery with the service's retries, dead letters. Accepted events
/// are on disk; after a restart every delivery continues.
/// </summary>
public sealed class LocalEventGrid : IHostedLifecycleService, IAsyncDisposable
{
    // Deep enough for every event that publishing lets in.
    private static readonly JsonDocumentOptions Json = new() { MaxDepth = 256 };

    private readonly TopicDeliveryStore _store;
    private readonly WebhookSender _sender;
    private readonly DispatcherSet _dispatchers;
    private readonly DeadLetterFolder? _folder;
    private readonly Handshake _handshake;
    private readonly PublishEndpoint _endpoint;
    private readonly CancellationTokenSource _stopping = new();
    private readonly List<Task> _running = [];
    private bool _isOpen;
    private bool _isDisposed;

    /// <summary>Checks the configuration, and creates the folder for dead letters; nothing is opened before the host starts.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="time">The clock.</param>
    /// <param name="loggers">Where to log.</param>
    /// <exception cref="GridConfigurationException">Topics or subscriptions are wrong, or the folder cannot be created.</exception>
    public LocalEventGrid(LocalEventGridOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<LocalEventGrid>();
        ImmutableArray<Topic> topics = GridConfiguration.Compile(options, warning => logger.LogWarning("{Warning}", warning));
        _store = new TopicDeliveryStore(Path.Combine(options.DataFolder, "eventgrid.db"), time, loggers.CreateLogger<TopicDeliveryStore>());
        _sender = new WebhookSender(options.DeliveryTimeout, time);
        _handshake = new Handshake(_sender, time, options.HandshakeInterval, loggers.CreateLogger<Handshake>());
        var connection = options.DeadLetterConnectionString;
        _folder = string.IsNullOrEmpty(connection) ? new DeadLetterFolder(options.DeadLetterFolder ?? Path.Combine(options.DataFolder, "dead-letters")) : null;
        IDeadLetterContainer deadLetters = _folder ?? DeadLetterAccount.Open(connection!);
        if (options.BlobCreatedTopic is { } announced)
        {
            deadLetters = new AnnouncedDeadLetters(deadLetters, created => _endpoint!.PublishAsync(announced, [created]), time);
        }

        _dispatchers = new DispatcherSet(
            topics,
            new DispatcherContext(
                options,
                _store,
                _sender,
                new RetrySchedule(options.RetryDelays is { Count: > 0 } delays ? delays : RetrySchedule.ServiceDelays, options.RetryScale, Random.Shared.NextDouble),
                deadLetters,
                time,
                logger));
        _endpoint = new PublishEndpoint(topics, _store, _dispatchers, time);
    }

    /// <summary>Whether events may be lost, because the process before did not close the file of deliveries or the file is new.</summary>
    public bool MayHaveLost => _store.MayHaveLost;

    /// <summary>How each subscription stands.</summary>
    public IReadOnlyList<SubscriptionStatus> Status => [.. _dispatchers.All.Select(d => d.Status)];

    /// <summary>Delivers to endpoints of this host in process.</summary>
    /// <param name="find">Finds an endpoint by its address; null if it is not this host's, or refuses the address.</param>
    public void UseOwnEndpoints(Func<Uri, OwnEndpoint?> find) => _sender.FindOwn = find;

    /// <summary>Publishes events in process, and completes when they are durable.</summary>
    /// <param name="topic">The name of a topic that takes CloudEvents.</param>
    /// <param name="cloudEvents">The events.</param>
    /// <exception cref="RefusedPublicationException">An event is invalid; no event is published.</exception>
    /// <exception cref="EventGridUnavailableException">They could not be made durable.</exception>
    public Task PublishAsync(string topic, IReadOnlyList<ReadOnlyMemory<byte>> cloudEvents) => _endpoint.PublishAsync(topic, cloudEvents);

    /// <summary>Opens the store and reads the pending deliveries.</summary>
    /// <param name="cancellationToken">Ends the start.</param>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _folder?.RemoveUnfinished();
        List<Dispatcher> all = [.. _dispatchers.All];
        var ids = await _store.OpenAsync(all.ConvertAll(d => d.Subscription.Key), cancellationToken);
        _isOpen = true;
        foreach (var (dispatcher, id) in all.Zip(ids))
        {
            dispatcher.Load(id);
        }
    }

    /// <summary>Begins to deliver, now that subscribers in this process are up as well.</summary>
    /// <param name="cancellationToken">Not used: it begins only.</param>
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        foreach (var dispatcher in _dispatchers.All)
        {
            _running.Add(OpenAsync(dispatcher));
            _running.Add(dispatcher.DeadLetters.RunAsync(_stopping.Token));
        }

        return Task.CompletedTask;
    }

    /// <summary>Lets the deliveries that are on their way finish, while subscribers in this process are still up.</summary>
    /// <param name="cancellationToken">Gives those deliveries up; they are repeated after the restart.</param>
    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await Task.WhenAll([.. _running, .. _dispatchers.All.Select(d => d.DrainAsync(cancellationToken))]);
    }

    /// <summary>Closes the store, after the last publisher has stopped.</summary>
    /// <param name="cancellationToken">Not used: what is written takes no time.</param>
    public async Task StoppedAsync(CancellationToken cancellationToken) => await DisposeAsync();

    /// <summary>Erases events that wait for a subscriber, and dead letters in the folder, and overwrites the space of earlier erasures. Can be repeated.</summary>
    /// <param name="isErased">Returns whether an event, as it was published, is to be erased.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="EventGridUnavailableException">Something may be left.</exception>
    public async Task EraseAsync(Func<JsonElement, Task<bool>> isErased, CancellationToken cancellationToken)
    {
        await _store.SettledAsync();
        var erased = await _store.EraseAsync(async body =>
        {
            using var json = JsonDocument.Parse(body, Json);
            return await isErased(json.RootElement);
        });
        foreach (var dispatcher in _dispatchers.All)
        {
            foreach (var held in dispatcher.HeldOnly())
            {
                using var json = JsonDocument.Parse(held.Body, Json);
                if (await isErased(json.RootElement))
                {
                    erased.Add(held.Sequence);
                }
            }

            dispatcher.Drop(erased);

            // A blob that is written now may have letters that were read before.
            await dispatcher.DeadLetters.WrittenAsync(cancellationToken);
        }

        if (_folder is not null)
        {
            await _folder.RemoveAsync(isErased, cancellationToken);
        }

        await _store.CleanAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_isDisposed)
        {
            _isDisposed = true;
            await StoppingAsync(new CancellationToken(canceled: true));
            await CloseAsync();
            await _store.DisposeAsync();
            foreach (var dispatcher in _dispatchers.All)
            {
                dispatcher.Dispose();
            }

            _sender.Dispose();
            _stopping.Dispose();
        }
    }

    /// <inheritdoc/>
    Task IHostedLifecycleService.StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    Task IHostedService.StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    // Completes when all that attempts have brought so far is on disk.
    internal Task SettledAsync() => _store.SettledAsync();

    internal Task PublishAsync(HttpContext context, Action<string>? refused) => _endpoint.HandleAsync(context, refused);

    // By address, since webhooks are asked only when the host is up.
    internal void UseAddresses(Func<Uri?> address, string prefix) => _handshake.ManualUrl = (subscription, token) =>
        address() is { } host ? new Uri(host, $"{prefix}/{subscription.Topic}/eventsubscriptions/{subscription.Name}/validate?token={token}") : null;

    internal Task ValidateAsync(HttpContext context)
    {
        var (topic, subscription) = ((string?)context.Request.RouteValues["topic"] ?? "", (string?)context.Request.RouteValues["subscription"] ?? "");
        var isAgreed = _handshake.TryAgree(topic, subscription, context.Request.Query["token"]);
        context.Response.StatusCode = isAgreed ? StatusCodes.Status200OK : StatusCodes.Status400BadRequest;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync(isAgreed
            ? "Webhook successfully validated as a subscription endpoint"
            : "The token is wrong or no longer valid: the URL works for 10 minutes. The next validation request has a new one.");
    }

    private async Task CloseAsync()
    {
        if (!_isOpen)
        {
            return;
        }

        try
        {
            await _store.SettledAsync();
            foreach (var dispatcher in _dispatchers.All)
            {
                await dispatcher.WriteHeldAsync();
            }

            await _store.CloseAsync();
        }
        catch (EventGridUnavailableException)
        {
            // The session counts as not closed, and the publisher publishes again.
        }
    }

    private async Task OpenAsync(Dispatcher dispatcher)
    {
        try
        {
            await _handshake.CompleteAsync(dispatcher.Subscription, _stopping.Token);
            dispatcher.Open();
        }
        catch (OperationCanceledException)
        {
            // Stopped before the webhook agreed; its events stay on disk.
        }
    }
}
