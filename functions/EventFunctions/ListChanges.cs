using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists what administrators changed, newest first.</summary>
public sealed class ListChanges(AdministratorAccess access, AdministrationLog log, ContinuationToken tokens)
{
    /// <summary>Responds with one page.</summary>
    // GET http://localhost:7071/api/administration/changes?limit=20
    [Function(nameof(ListChanges))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "administration/changes")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => PageParameters.TryRead(request.Query, tokens, ["changes"], [], out var page, out var problem)
            ? await PageAsync(page, cancellationToken)
            : problem);

    private async Task<IResult> PageAsync(PageParameters page, CancellationToken cancellationToken)
    {
        try
        {
            var (items, continuation) = await log.ListAsync(page.Limit, page.Continuation, cancellationToken);
            return page.Respond(items, continuation, AdministrationJson.Write);
        }
        catch (InvalidContinuationException)
        {
            return PageParameters.InvalidContinuation();
        }
    }
}
