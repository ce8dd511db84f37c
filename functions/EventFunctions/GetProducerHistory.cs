using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers.Definitions;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Tells who changed a producer and when, newest first, page by page.</summary>
public sealed class GetProducerHistory(AdministratorAccess access, ProducerAdministration administration, ContinuationToken tokens)
{
    /// <summary>Answers with one page of changes, each with the definition before it.</summary>
    // GET http://localhost:7071/api/producers/policies/history
    [Function(nameof(GetProducerHistory))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "producers/{name}/history")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
        {
            if (!PageParameters.TryRead(request.Query, tokens, ["producers", name, "history"], [], out var page, out var problem))
            {
                return problem;
            }

            try
            {
                return ProducerReader.IsName(name) && await administration.ReadHistoryAsync(name, page.Limit, page.Continuation, cancellationToken) is { } history
                    ? ProducerResponse.Of(history, page)
                    : ProducerResponse.NotFound();
            }
            catch (InvalidContinuationException)
            {
                return PageParameters.InvalidContinuation();
            }
        });
}
