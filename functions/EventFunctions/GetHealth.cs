using EventFunctions.Consumption;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Tells whether the service can do its work now.</summary>
public sealed class GetHealth(StoreHealth store)
{
    /// <summary>Answers with <c>200</c> or <c>503</c>, and nothing that would help an intruder.</summary>
    // GET http://localhost:7071/api/health
    [Function(nameof(GetHealth))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "health")] HttpRequest request, CancellationToken cancellationToken)
    {
        var isHealthy = await store.IsHealthyAsync(cancellationToken);
        return new JsonAnswer(isHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable, writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("status"u8, isHealthy ? "healthy"u8 : "unhealthy"u8);
            writer.WriteEndObject();
        });
    }
}
