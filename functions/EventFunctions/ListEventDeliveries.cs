using EventFunctions.Http;
using EventFunctions.Queries;
using EventFunctions.Storage;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists the deliveries of one event to all webhooks, newest first, page by page.</summary>
public sealed class ListEventDeliveries(AdministratorAccess access, DeliveryLog log, ContinuationToken tokens)
{
    /// <summary>Answers with one page.</summary>
    // GET http://localhost:7071/api/events/renewal-42/deliveries?source=/insurance/policies
    [Function(nameof(ListEventDeliveries))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "events/{id}/deliveries")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
        {
            if (!EventAddress.TryRead(request, id, out var key, out var problem)
                || !PageParameters.TryRead(request.Query, tokens, ["eventDeliveries", key.Id], ["source"], out var page, out problem))
            {
                return problem;
            }

            try
            {
                var found = await log.ListAsync(key, page.Limit, page.Continuation, cancellationToken);
                return page.Respond(found.Items, found.Continuation, DeliveryJson.Write);
            }
            catch (InvalidContinuationException)
            {
                return PageParameters.InvalidContinuation();
            }
        });
}
