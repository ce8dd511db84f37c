using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace EventFunctions.Local.EventGrid;

/// <summary>Calls subscribers as the service does.</summary>
internal sealed class WebhookSender(TimeSpan timeout, TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        PooledConnectionLifetime = TimeSpan.FromMinutes(5),
    });

    private readonly ConcurrentDictionary<Uri, OwnEndpoint?> _own = new();

    /// <summary>Finds an endpoint of this host by its address; null sends a request.</summary>
    public Func<Uri, OwnEndpoint?> FindOwn { get; set; } = _ => null;

    /// <summary>Delivers events in one request, or in process if the endpoint is this host's own.</summary>
    /// <param name="subscription">To whom.</param>
    /// <param name="deliveries">At least one; more only for a subscription that is batched.</param>
    /// <param name="cancellationToken">Gives up the attempt.</param>
    /// <exception cref="OperationCanceledException">The attempt was given up.</exception>
    public Task<AttemptResult> DeliverAsync(Subscription subscription, IReadOnlyList<TopicDelivery> deliveries, CancellationToken cancellationToken) =>
        _own.GetOrAdd(subscription.Endpoint, address => FindOwn(address)) is { } own
            ? PassAsync(own, subscription, deliveries, cancellationToken)
            : PostAsync(subscription, deliveries, cancellationToken);

    private async Task<AttemptResult> PassAsync(OwnEndpoint own, Subscription subscription, IReadOnlyList<TopicDelivery> deliveries, CancellationToken cancellationToken)
    {
        var events = new ReadOnlyMemory<byte>[deliveries.Count];
        for (var i = 0; i < events.Length; i++)
        {
            events[i] = EventFormat.Render(subscription, deliveries[i]);
        }

        using var ending = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, cancellationToken);
        try
        {
            return AttemptResult.Answered(await own(events, either.Token).WaitAsync(either.Token));
        }
        catch (Exception e) when (either.IsCancellationRequested)
        {
            return cancellationToken.IsCancellationRequested
                ? throw new OperationCanceledException(e.Message, e, cancellationToken)
                : AttemptResult.TimedOut;
        }
    }

    private async Task<AttemptResult> PostAsync(Subscription subscription, IReadOnlyList<TopicDelivery> deliveries, CancellationToken cancellationToken)
    {
        var (body, contentType) = EventFormat.RenderDelivery(subscription, deliveries);
        using var request = NewPost(subscription, body, contentType, "Notification", deliveries.Max(d => d.Attempts));
        foreach (var header in subscription.Headers)
        {
            AddHeader(request, header, deliveries[0].Body);
        }

        var isEventGrid = subscription.DeliverySchema == EventSchema.EventGrid;
        request.Headers.TryAddWithoutValidation("aeg-data-version", isEventGrid ? DataVersionOf(deliveries[0]) : "");
        using var ending = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, cancellationToken);
        try
        {
            using var response = await _client.SendAsync(request, either.Token);
            return AttemptResult.Answered((int)response.StatusCode);
        }
        catch (HttpRequestException e)
        {
            return AttemptResult.Unreachable(e);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return AttemptResult.TimedOut;
        }
    }

    /// <summary>Sends any request within the timeout and reads the answer whole, up to a few kilobytes.</summary>
    /// <exception cref="HttpRequestException">There was no answer, or one that is too long.</exception>
    /// <exception cref="OperationCanceledException">There was no answer in time, or nobody waits for it any more.</exception>
    public async Task<(HttpResponseMessage Response, byte[] Body)> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using var ending = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ending.Token, cancellationToken);
        var response = await _client.SendAsync(request, either.Token);
        await response.Content.LoadIntoBufferAsync(64 * 1024, either.Token);
        return (response, await response.Content.ReadAsByteArrayAsync(either.Token));
    }

    /// <summary>A request with the headers that all of the service's POSTs have.</summary>
    public static HttpRequestMessage NewPost(
        Subscription subscription, ReadOnlyMemory<byte> body, string contentType, string eventType, int deliveryCount)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, subscription.Endpoint) { Content = new ReadOnlyMemoryContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(contentType);
        request.Headers.TryAddWithoutValidation("aeg-event-type", eventType);
        request.Headers.TryAddWithoutValidation("aeg-subscription-name", subscription.Name.ToUpperInvariant());
        request.Headers.TryAddWithoutValidation("aeg-delivery-count", deliveryCount.ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("aeg-metadata-version", "1");
        if (subscription.DeliverySchema == EventSchema.CloudEvents)
        {
            request.Headers.TryAddWithoutValidation("Origin", Handshake.Origin);
        }

        return request;
    }

    public void Dispose() => _client.Dispose();

    // What the event does not have, or what no header may hold, leaves the header out.
    private static void AddHeader(HttpRequestMessage request, DeliveryHeader header, ReadOnlyMemory<byte> body)
    {
        var value = header.Value ?? (header.Source!.FindInEvent(body).TryGetScalar(out var scalar) ? scalar : null);
        if (value is not null && !value.AsSpan().ContainsAny("\r\n\0"))
        {
            request.Headers.Remove(header.Name);
            request.Headers.TryAddWithoutValidation(header.Name, value);
        }
    }

    private static string DataVersionOf(TopicDelivery delivery) =>
        DataVersion.FindInEvent(delivery.Body).TryGetScalar(out var version) ? version : "";

    private static readonly Filters.FilterKey DataVersion = new("dataVersion");
}
