using EventFunctions.Http;
using EventFunctions.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Ends a job before its time.</summary>
public sealed class CancelReplay(AdministratorAccess access, EventJobs jobs)
{
    /// <summary>Answers with the job as it stands.</summary>
    // DELETE http://localhost:7071/api/replays/019a7c2e4b7a7f0e8d3c5a1b2c3d4e5f
    [Function(nameof(CancelReplay))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "replays/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(CancelReplay), async change => await change.MakeAsync(
            new("job", id), async () => new(JobResponse.Of(await jobs.CancelAsync(id, cancellationToken))), cancellationToken));
}
