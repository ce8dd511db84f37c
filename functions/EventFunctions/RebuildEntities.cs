using EventFunctions.Entities;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Has what is known of entities made again from the store.</summary>
public sealed class RebuildEntities(AdministratorAccess access, EntityRebuild rebuild)
{
    /// <summary>Answers at once with <c>202</c> and how the rebuild stands: the one that this call began, or the one that goes on.</summary>
    // POST http://localhost:7071/api/entities/rebuild
    [Function(nameof(RebuildEntities))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "entities/rebuild")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(RebuildEntities), async change =>
        {
            return await change.MakeAsync(
                new("entities"),
                async () =>
                {
                    var (state, _) = await rebuild.BeginAsync(cancellationToken);
                    return new(new JsonResponse(StatusCodes.Status202Accepted, writer => EntityJson.Write(writer, state)) { Location = "/api/entities/rebuild" });
                },
                cancellationToken);
        });
}
