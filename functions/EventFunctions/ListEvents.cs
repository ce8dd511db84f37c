using EventFunctions.Consumption;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists records, newest first, page by page.</summary>
public sealed class ListEvents(EventLookup events, ContinuationToken continuation)
{
    /// <summary>Answers with one page.</summary>
    // GET http://localhost:7071/api/events?status=failed,deadLettered&source=/insurance/policies&limit=20
    [Function(nameof(ListEvents))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "events")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (!EventQueryParameters.TryRead(request.Query, continuation, out var query, out var problem))
        {
            return problem;
        }

        return await StoreProblem.OrUnavailableAsync(() => EventPageAnswer.ReadAsync(events, query, continuation, cancellationToken));
    }
}
