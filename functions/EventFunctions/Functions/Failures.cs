using EventFunctions.Administration;
using EventFunctions.CloudEvents;
using EventFunctions.Http;
using EventFunctions.Jobs;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Lists failed events, and replays, dismisses or restores events.</summary>
public sealed class Failures(AdministratorAccess access, IEventStore store, EventAdministration events, JobStart start, JobTargets targets)
{
    /// <summary>Shows failed and dead-lettered events in groups of producer, type and reason, the largest first.</summary>
    // GET http://localhost:7071/api/failures?dismissed=true
    [Function(nameof(ListFailures))]
    public Task<IResult> ListFailures(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "failures")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => FailuresResponse.TryReadDismissed(request.Query, out var dismissed, out var problem)
            ? FailuresResponse.Of(await store.ReadFailuresAsync(dismissed, cancellationToken))
            : problem);

    /// <summary>Starts a job that replays, dismisses or restores a group of failures.</summary>
    // POST http://localhost:7071/api/failures {"action": "replay", "producer": "policies", "type": "policy.renewed", "reason": "dataNotFound"}
    [Function(nameof(HandleFailures))]
    public Task<IResult> HandleFailures(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "failures")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(HandleFailures), async change =>
        {
            var (order, problem) = await JobOrder.ReadFailuresAsync(request, cancellationToken);
            return order is null ? problem! : await targets.CheckFailuresAsync(order, cancellationToken) ?? await change.MakeAsync(
                new("failures", $"{order.Filter.Producer} {order.Filter.Type} {order.Filter.Reason}"),
                () => order.StartAsync(start, change.Who, cancellationToken),
                cancellationToken);
        });

    /// <summary>Starts a new run of a finished event.</summary>
    // POST http://localhost:7071/api/events/renewal-42/replay?source=/insurance/policies
    [Function(nameof(ReplayEvent))]
    public Task<IResult> ReplayEvent(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "events/{id}/replay")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        ChangeAsync(
            request, nameof(ReplayEvent), id, events.ReplayAsync, "The event is still being processed. Only a finished event can be replayed.", cancellationToken);

    /// <summary>Dismisses a failure.</summary>
    // POST http://localhost:7071/api/events/renewal-42/dismiss?source=/insurance/policies
    [Function(nameof(DismissEvent))]
    public Task<IResult> DismissEvent(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "events/{id}/dismiss")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        ChangeAsync(request, nameof(DismissEvent), id, events.DismissAsync, "The event is not a failure, or is already dismissed.", cancellationToken);

    /// <summary>Restores a dismissed failure.</summary>
    // POST http://localhost:7071/api/events/renewal-42/restore?source=/insurance/policies
    [Function(nameof(RestoreEvent))]
    public Task<IResult> RestoreEvent(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "events/{id}/restore")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        ChangeAsync(request, nameof(RestoreEvent), id, events.RestoreAsync, "The event is not a dismissed failure.", cancellationToken);

    private Task<IResult> ChangeAsync(
        HttpRequest request,
        string action,
        string id,
        Func<EventKey, string, CancellationToken, Task<EventChange>> make,
        string conflict,
        CancellationToken cancellationToken) =>
        access.ChangeAsync(request, action, async change => EventAddress.TryRead(request, id, out var key, out var problem)
            ? await change.MakeAsync(
                new("event", key.Id, key.Source),
                async () => new(EventChangeResponse.Of(await make(key, change.Who, cancellationToken), conflict)),
                cancellationToken)
            : problem);
}
