using EventFunctions.Administration;
using EventFunctions.Entities;
using EventFunctions.Http;
using EventFunctions.Queries;
using EventFunctions.Ticks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Shows what administrators changed, runs a tick, and rebuilds the entities.</summary>
public sealed class Administration(AdministratorAccess access, AdministrationLog log, ServiceTick tick, EntityRebuild rebuild, ContinuationToken tokens)
{
    /// <summary>Lists what administrators changed, newest first.</summary>
    // GET http://localhost:7071/api/changes?limit=20
    [Function(nameof(ListChanges))]
    public Task<IResult> ListChanges(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "changes")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, _ => PageParameters.RespondAsync(request, tokens, ["changes"], [], async page =>
        {
            var (items, continuation) = await log.ListAsync(page.Limit, page.Continuation, cancellationToken);
            return page.Respond(items, continuation, AdministrationJson.Write);
        }));

    /// <summary>Does at once what the timer would do next: everything that is due.</summary>
    // POST http://localhost:7071/api/tick
    [Function(nameof(RunTick))]
    public Task<IResult> RunTick(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "tick")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(RunTick), async change => await change.MakeAsync(
            new("tick"), async () => new(TickResponse.Of(await tick.RunAsync(cancellationToken))), cancellationToken));

    /// <summary>Starts a rebuild of the entities from the store, or shows the one that is running.</summary>
    // POST http://localhost:7071/api/entities/rebuild
    [Function(nameof(RebuildEntities))]
    public Task<IResult> RebuildEntities(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "entities/rebuild")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(RebuildEntities), async change => await change.MakeAsync(
            new("entities"),
            async () =>
            {
                var (state, _) = await rebuild.BeginAsync(cancellationToken);
                return new(new JsonResponse(StatusCodes.Status202Accepted, writer => EntityJson.Write(writer, state)) { Location = "/api/entities/rebuild" });
            },
            cancellationToken));
}
