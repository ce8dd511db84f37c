using EventFunctions.Administration;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Begins a new run of an event that is over.</summary>
public sealed class ReplayEvent(AdministratorAccess access, EventAdministration administration)
{
    /// <summary>Answers with where the event stands now.</summary>
    // POST http://localhost:7071/api/events/renewal-42/replay?source=/insurance/policies
    [Function(nameof(ReplayEvent))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "events/{id}/replay")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(ReplayEvent), async change => EventAddress.TryRead(request, id, out var key, out var problem)
            ? await change.MakeAsync(
                new("event", key.Id, key.Source),
                async () => new(EventChangeResponse.Of(
                    await administration.ReplayAsync(key, change.Who, cancellationToken), "The run of the event still goes on; only one that is over can be replayed.")),
                cancellationToken)
            : problem);
}
