using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The health of the service over HTTP.</summary>
internal static class HealthResponse
{
    /// <summary>Returns <c>200</c> if all dependencies are healthy, else <c>503</c>.</summary>
    /// <param name="store">Whether the store is healthy.</param>
    /// <param name="topic">Whether the topic is healthy.</param>
    /// <param name="queue">Whether the queue is healthy.</param>
    public static IResult Of(bool store, bool topic, bool queue)
    {
        var all = store && topic && queue;
        return new JsonResponse(all ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("status"u8, Word(all));
            writer.WriteStartObject("dependencies"u8);
            writer.WriteString("store"u8, Word(store));
            writer.WriteString("topic"u8, Word(topic));
            writer.WriteString("queue"u8, Word(queue));
            writer.WriteEndObject();
            writer.WriteEndObject();
        });
    }

    private static ReadOnlySpan<byte> Word(bool isHealthy) => isHealthy ? "healthy"u8 : "unhealthy"u8;
}
