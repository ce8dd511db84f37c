using EventFunctions.Http;
using EventFunctions.Queries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists records, newest first, page by page.</summary>
public sealed class ListEvents(ProducerAccess access, EventLookup events, ContinuationToken continuation)
{
    /// <summary>Answers with one page.</summary>
    // GET http://localhost:7071/api/events?status=failed,deadLettered&source=/insurance/policies&limit=20
    [Function(nameof(ListEvents))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "events")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ReadAsync(
            request,
            async reader => EventQueryParameters.TryRead(request.Query, reader, continuation, out var query, out var problem)
                ? await EventPageResponse.ReadAsync(events, query, continuation, cancellationToken)
                : problem,
            cancellationToken);
}
