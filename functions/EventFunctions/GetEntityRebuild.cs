using EventFunctions.Entities;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Tells which generation of the entities is read, and how a rebuild stands.</summary>
public sealed class GetEntityRebuild(EntityGenerationStore generations)
{
    /// <summary>Answers with the state.</summary>
    // GET http://localhost:7071/api/entities/rebuild
    [Function(nameof(GetEntityRebuild))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "entities/rebuild")] HttpRequest request, CancellationToken cancellationToken) =>
        StoreProblem.OrUnavailableAsync(async () =>
        {
            var (state, _) = await generations.ReadAsync(cancellationToken);
            return new JsonResponse(StatusCodes.Status200OK, writer => EntityJson.Write(writer, state));
        });
}
