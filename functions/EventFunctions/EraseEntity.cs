using EventFunctions.Http;
using EventFunctions.Jobs;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Begins a job that erases the content of all events of an entity, and leaves their records.</summary>
public sealed class EraseEntity(AdministratorAccess access, EventJobs jobs)
{
    private static readonly string[] Names = ["source", "subject", "rate"];

    /// <summary>Answers with the job.</summary>
    // POST http://localhost:7071/api/erasures {"source": "/insurance/policies", "subject": "policy-42"}
    [Function(nameof(EraseEntity))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "erasures")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(EraseEntity), async change =>
        {
            var (wanted, problem) = await JobRequest.ReadAsync(request, Read, Names, cancellationToken);
            return wanted is null ? problem! : await change.MakeAsync(
                new("entity", wanted.Filter.Entity, wanted.Filter.Source),
                async () => JobResponse.Started(await jobs.CreateAsync(JobAction.Erase, wanted.Filter, wanted.Rate, change.Who, cancellationToken)),
                cancellationToken);
        });

    private static Wanted Read(JobRequest request) => new(
        new JobFilter
        {
            Status = EventStatus.Open | EventStatus.Final,
            Source = request.Text("source", required: true),
            Entity = request.Text("subject", required: true),
        },
        request.Rate());

    private sealed record Wanted(JobFilter Filter, int Rate);
}
