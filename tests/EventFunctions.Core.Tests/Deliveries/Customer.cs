using System.Collections.Concurrent;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Deliveries;

/// <summary>All customers' endpoints: remembers what was posted, and answers as a test tells it to.</summary>
internal sealed class Customer(TimeProvider time) : IWebhookClient
{
    private readonly ConcurrentQueue<(WebhookRequest Request, DateTimeOffset At)> _requests = new();
    private readonly ConcurrentDictionary<Uri, int> _open = new();
    private readonly ConcurrentDictionary<Uri, int> _mostOpen = new();

    public IReadOnlyList<WebhookRequest> Requests => [.. _requests.Select(one => one.Request)];

    public IReadOnlyList<DateTimeOffset> Times => [.. _requests.Select(one => one.At)];

    /// <summary>How an endpoint answers.</summary>
    public Func<WebhookRequest, CancellationToken, Task<EndpointResponse>> Answer { get; set; } = (_, _) => Task.FromResult(Status(200));

    /// <summary>The most requests that were at an endpoint at once.</summary>
    public int MostAtOnce(Uri url) => _mostOpen.GetValueOrDefault(url);

    public static EndpointResponse Status(int status, TimeSpan? retryAfter = null) =>
        new(status, null, TimeSpan.FromMilliseconds(7), $"answer {status}", retryAfter);

    public static EndpointResponse Timeout(WebhookRequest request) => new(null, WebhookFault.Timeout, request.Timeout, null, null);

    public async Task<EndpointResponse> SendAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        _requests.Enqueue((request, time.GetUtcNow()));
        var open = _open.AddOrUpdate(request.Url, 1, (_, count) => count + 1);
        _mostOpen.AddOrUpdate(request.Url, open, (_, most) => Math.Max(most, open));
        try
        {
            return await Answer(request, cancellationToken);
        }
        finally
        {
            _open.AddOrUpdate(request.Url, 0, (_, count) => count - 1);
        }
    }
}
