using EventFunctions.Http;
using EventFunctions.Producers;
using EventFunctions.Queries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists the producers of settings and store in the order of their names, page by page.</summary>
public sealed class ListProducers(AdministratorAccess access, IProducerRegistry registry, ContinuationToken tokens)
{
    /// <summary>Answers with one page of definitions.</summary>
    // GET http://localhost:7071/api/producers?limit=20
    [Function(nameof(ListProducers))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "producers")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
            PageParameters.TryRead(request.Query, tokens, ["producers"], [], out var page, out var problem)
                ? ProducerResponse.Of(await registry.ListAsync(cancellationToken), page)
                : problem);
}
