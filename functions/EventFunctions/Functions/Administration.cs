using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Queries;
using EventFunctions.Ticks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Shows what administrators changed, and runs a tick.</summary>
public sealed class Administration(AdministratorAccess access, AdministrationLog log, ServiceTick tick, ContinuationToken tokens)
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
}
