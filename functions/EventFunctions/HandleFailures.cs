using EventFunctions.Http;
using EventFunctions.Jobs;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Begins a job that replays or dismisses a group of failures, or brings a dismissed group back.</summary>
public sealed class HandleFailures(AdministratorAccess access, EventJobs jobs)
{
    private static readonly string[] Names = ["action", "producer", "type", "reason", "dismissed", "rate"];

    /// <summary>Answers with the job.</summary>
    // POST http://localhost:7071/api/failures {"action": "replay", "producer": "policies", "type": "policy.renewed", "reason": "dataNotFound"}
    [Function(nameof(HandleFailures))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "failures")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(HandleFailures), async change =>
        {
            var (wanted, problem) = await JobRequest.ReadAsync(request, Read, Names, cancellationToken);
            return wanted is null
                ? problem!
                : await change.MakeAsync(
                    new("failures", $"{wanted.Filter.Producer} {wanted.Filter.Type} {wanted.Filter.Reason}"),
                    async () => JobResponse.Started(await jobs.CreateAsync(wanted.Action, wanted.Filter, wanted.Rate, change.Who, cancellationToken)),
                    cancellationToken);
        });

    private static Wanted Read(JobRequest request)
    {
        var action = request.Action("action") ?? JobAction.Replay;
        return new Wanted(
            action,
            new JobFilter
            {
                Status = EventStatus.Failure,
                Producer = request.Text("producer", required: true),
                Type = request.Text("type", required: true),
                Reason = request.Text("reason", required: true),
                Dismissed = request.Flag("dismissed") ?? action == JobAction.Restore,
            },
            request.Rate());
    }

    private sealed record Wanted(JobAction Action, JobFilter Filter, int Rate);
}
