using EventFunctions.Http;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows failed and dead-lettered events in groups of producer, type and reason.</summary>
public sealed class ListFailures(AdministratorAccess access, IEventStore store)
{
    /// <summary>Answers with the groups, the largest first.</summary>
    // GET http://localhost:7071/api/failures?dismissed=true
    [Function(nameof(ListFailures))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "failures")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => request.Query["dismissed"] is var dismissed && (dismissed.Count == 0 || dismissed is ["true"] or ["false"])
            ? FailuresResponse.Of(await store.ReadFailuresAsync(dismissed is ["true"], cancellationToken))
            : new Problem(StatusCodes.Status400BadRequest, "The query is not valid.") { Parameters = [new("dismissed", "Either true or false.")] });
}
