using EventFunctions.Http;
using EventFunctions.Jobs;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows a job and how far it came.</summary>
public sealed class GetReplay(AdministratorAccess access, EventJobs jobs)
{
    /// <summary>Answers with the job as it stands.</summary>
    // GET http://localhost:7071/api/replays/019a7c2e4b7a7f0e8d3c5a1b2c3d4e5f
    [Function(nameof(GetReplay))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "replays/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => JobResponse.Of(await jobs.ReadAsync(id, cancellationToken)));
}
