using EventFunctions.Http;
using EventFunctions.Jobs;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists jobs, newest first.</summary>
public sealed class ListReplays(AdministratorAccess access, EventJobs jobs, ContinuationToken tokens)
{
    /// <summary>Answers with one page.</summary>
    // GET http://localhost:7071/api/replays?limit=20
    [Function(nameof(ListReplays))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "replays")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => PageParameters.TryRead(request.Query, tokens, ["replays"], [], out var page, out var problem)
            ? await PageAsync(page, cancellationToken)
            : problem);

    private async Task<IResult> PageAsync(PageParameters page, CancellationToken cancellationToken)
    {
        try
        {
            var (items, continuation) = await jobs.ListAsync(page.Limit, page.Continuation, cancellationToken);
            return page.Respond(items, continuation, JobResponse.Write);
        }
        catch (InvalidContinuationException)
        {
            return PageParameters.InvalidContinuation();
        }
    }
}
