using EventFunctions.Administration;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Brings a dismissed failure back.</summary>
public sealed class RestoreEvent(AdministratorAccess access, EventAdministration administration)
{
    /// <summary>Answers with where the event stands now.</summary>
    // POST http://localhost:7071/api/events/renewal-42/restore?source=/insurance/policies
    [Function(nameof(RestoreEvent))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "events/{id}/restore")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(RestoreEvent), async change => EventAddress.TryRead(request, id, out var key, out var problem)
            ? await change.MakeAsync(
                new("event", key.Id, key.Source),
                async () => new(EventChangeResponse.Of(
                    await administration.RestoreAsync(key, change.Who, cancellationToken), "The event is no dismissed failure.")),
                cancellationToken)
            : problem);
}
