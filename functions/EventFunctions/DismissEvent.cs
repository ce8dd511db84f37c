using EventFunctions.Administration;
using EventFunctions.Http;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Dismisses a failure.</summary>
public sealed class DismissEvent(AdministratorAccess access, EventAdministration administration)
{
    /// <summary>Answers with where the event stands now.</summary>
    // POST http://localhost:7071/api/events/renewal-42/dismiss?source=/insurance/policies
    [Function(nameof(DismissEvent))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "events/{id}/dismiss")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(DismissEvent), async change => EventAddress.TryRead(request, id, out var key, out var problem)
            ? await change.MakeAsync(
                new("event", key.Id, key.Source),
                async () => new(EventChangeResponse.Of(
                    await administration.DismissAsync(key, change.Who, cancellationToken), "The event is no failure, or is dismissed already.")),
                cancellationToken)
            : problem);
}
