using EventFunctions.Consumption;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Hands out the full data of one event as its producer sent it.</summary>
public sealed class GetEventData(EventLookup events)
{
    /// <summary>Answers with the bytes.</summary>
    // GET http://localhost:7071/api/events/renewal-42/data?source=/insurance/policies
    [Function(nameof(GetEventData))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "events/{id}/data")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        if (!EventAddress.TryRead(request, id, out var key, out var problem))
        {
            return problem;
        }

        return await StoreProblem.OrUnavailableAsync(async () =>
            await events.ReadDataAsync(key, cancellationToken) is { } data
                ? data.Erased ? FullDataAnswer.Erased() : new FullDataAnswer(data)
                : FullDataAnswer.NotFound());
    }
}
