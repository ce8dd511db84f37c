using EventFunctions.Http;
using EventFunctions.Jobs;
using EventFunctions.Queries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Starts, shows and cancels jobs.</summary>
public sealed class Jobs(AdministratorAccess access, EventJobs jobs, JobStart start, JobTargets targets, ContinuationToken tokens)
{
    /// <summary>Starts a job that replays the events that match a filter. A dry run only counts them.</summary>
    // POST http://localhost:7071/api/replays {"producer": "policies", "reason": "dataNotFound", "rate": 20}
    [Function(nameof(StartReplay))]
    public Task<IResult> StartReplay(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "replays")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(StartReplay), async change =>
        {
            var (order, problem) = await JobOrder.ReadReplayAsync(request, cancellationToken);
            return order is null ? problem!
                : order.IsDryRun ? change.DryRun(JobResponse.Count(await jobs.CountAsync(order.Filter, cancellationToken)))
                : await change.MakeAsync(new("events"), () => order.StartAsync(start, change.Who, cancellationToken), cancellationToken);
        });

    /// <summary>Lists jobs, newest first.</summary>
    // GET http://localhost:7071/api/replays?limit=20
    [Function(nameof(ListReplays))]
    public Task<IResult> ListReplays(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "replays")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, _ => PageParameters.RespondAsync(request, tokens, ["replays"], [], async page =>
        {
            var (items, continuation) = await jobs.ListAsync(page.Limit, page.Continuation, cancellationToken);
            return page.Respond(items, continuation, JobResponse.Write);
        }));

    /// <summary>Shows a job and its progress.</summary>
    // GET http://localhost:7071/api/replays/019a7c2e4b7a7f0e8d3c5a1b2c3d4e5f
    [Function(nameof(GetReplay))]
    public Task<IResult> GetReplay(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "replays/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => JobResponse.Of(await jobs.ReadAsync(id, cancellationToken)));

    /// <summary>Cancels a job.</summary>
    // DELETE http://localhost:7071/api/replays/019a7c2e4b7a7f0e8d3c5a1b2c3d4e5f
    [Function(nameof(CancelReplay))]
    public Task<IResult> CancelReplay(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "replays/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(CancelReplay), async change => await change.MakeAsync(
            new("job", id), async () => new(JobResponse.Of(await jobs.CancelAsync(id, cancellationToken))), cancellationToken));

    /// <summary>Starts a job that erases the content of all events of an entity. Their records stay.</summary>
    // POST http://localhost:7071/api/erasures {"source": "/insurance/policies", "subject": "policy-42"}
    [Function(nameof(EraseEntity))]
    public Task<IResult> EraseEntity(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "erasures")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(EraseEntity), async change =>
        {
            var (order, problem) = await JobOrder.ReadErasureAsync(request, cancellationToken);
            return order is null ? problem! : await targets.CheckErasureAsync(order, cancellationToken) ?? await change.MakeAsync(
                new("entity", order.Filter.Entity?.Subject, order.Filter.Source), () => order.StartAsync(start, change.Who, cancellationToken), cancellationToken);
        });
}
