using EventFunctions.Http;
using EventFunctions.Publication;
using EventFunctions.Telemetry.Health;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Shows how the service is doing, to callers without an account of their own.</summary>
public sealed class Status(StoreHealth store, TopicHealth topic, QueueHealth queue)
{
    /// <summary>Shows which dependencies of the service are down: <c>200</c> or <c>503</c>, without names that would help an intruder.</summary>
    // GET http://localhost:7071/api/health
    [Function(nameof(GetHealth))]
    public async Task<IResult> GetHealth(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health")] HttpRequest request, CancellationToken cancellationToken)
    {
        var checks = await Task.WhenAll(store.IsHealthyAsync(cancellationToken), queue.IsHealthyAsync(cancellationToken));
        return HealthResponse.Of(store: checks[0], topic: topic.IsHealthy, queue: checks[1]);
    }

    /// <summary>Answers the validation handshake of CloudEvents' Web Hooks for Event Delivery (§4). Any origin is allowed; its key decides whether it may send.</summary>
    // OPTIONS http://localhost:7071/api/events
    [Function(nameof(AllowEvents))]
    public Task<IResult> AllowEvents([HttpTrigger(AuthorizationLevel.Anonymous, "options", Route = "events")] HttpRequest request) =>
        Task.FromResult(WebHookHandshake.Respond(request));
}
