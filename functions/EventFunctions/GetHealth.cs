using EventFunctions.Http;
using EventFunctions.Publication;
using EventFunctions.Telemetry.Health;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Tells whether the service can do its work now, and which of the things that it needs is down.</summary>
public sealed class GetHealth(StoreHealth store, TopicHealth topic, QueueHealth queue)
{
    /// <summary>Answers with <c>200</c> or <c>503</c>, and nothing that would help an intruder: parts by what they are for, no names.</summary>
    // GET http://localhost:7071/api/health
    [Function(nameof(GetHealth))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "head", Route = "health")] HttpRequest request, CancellationToken cancellationToken)
    {
        var checks = await Task.WhenAll(store.IsHealthyAsync(cancellationToken), queue.IsHealthyAsync(cancellationToken));
        var (isStoreHealthy, isQueueHealthy, isTopicHealthy) = (checks[0], checks[1], topic.IsHealthy);
        var isHealthy = isStoreHealthy && isTopicHealthy && isQueueHealthy;
        return new JsonResponse(isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("status"u8, Word(isHealthy));
            writer.WriteStartObject("dependencies"u8);
            writer.WriteString("store"u8, Word(isStoreHealthy));
            writer.WriteString("topic"u8, Word(isTopicHealthy));
            writer.WriteString("queue"u8, Word(isQueueHealthy));
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private static ReadOnlySpan<byte> Word(bool isHealthy) => isHealthy ? "healthy"u8 : "unhealthy"u8;
}
