using EventFunctions.Http;
using EventFunctions.Jobs;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Begins a job that replays the events a filter matches.</summary>
public sealed class StartReplay(AdministratorAccess access, EventJobs jobs)
{
    private static readonly string[] Names =
        ["status", "source", "type", "subject", "producer", "reason", "dismissed", "from", "to", "rate", "dryRun"];

    /// <summary>Answers with the job or, to a dry run, with how many events it would meet.</summary>
    // POST http://localhost:7071/api/replays {"producer": "policies", "reason": "dataNotFound", "rate": 20}
    [Function(nameof(StartReplay))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "replays")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(StartReplay), async change =>
        {
            var (wanted, problem) = await JobRequest.ReadAsync(request, Read, Names, cancellationToken);
            if (wanted is null)
            {
                return problem!;
            }

            if (!wanted.IsDry)
            {
                return await change.MakeAsync(
                    new("events"),
                    async () => JobResponse.Started(await jobs.CreateAsync(JobAction.Replay, wanted.Filter, wanted.Rate, change.Who, cancellationToken)),
                    cancellationToken);
            }

            var (count, isAtLeast) = await jobs.CountAsync(wanted.Filter, cancellationToken);
            return change.DryRun(JobResponse.Count(count, isAtLeast));
        });

    private static Wanted Read(JobRequest request)
    {
        var status = request.Statuses("status");
        return new Wanted(
            new JobFilter
            {
                Status = status,
                Source = request.Text("source"),
                Type = request.Text("type"),
                Subject = request.Text("subject"),
                Producer = request.Text("producer"),
                Reason = request.Text("reason"),

                // Whoever dismissed a failure did not mean it to come back by the way.
                Dismissed = request.Flag("dismissed") ?? ((status & EventStatus.Failure) != 0 ? false : null),
                From = request.Time("from"),
                To = request.Time("to"),
            },
            request.Rate(),
            request.Flag("dryRun") == true);
    }

    private sealed record Wanted(JobFilter Filter, int Rate, bool IsDry);
}
