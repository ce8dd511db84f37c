using EventFunctions.Http;
using EventFunctions.Queries;
using EventFunctions.Storage;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists what was delivered to a webhook, or is to be, newest first, page by page.</summary>
public sealed class ListDeliveries(AdministratorAccess access, DeliveryLog log, ContinuationToken tokens)
{
    /// <summary>Answers with one page.</summary>
    // GET http://localhost:7071/api/webhooks/crm/deliveries?status=failed&limit=20
    [Function(nameof(ListDeliveries))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "webhooks/{name}/deliveries")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
        {
            if (!DeliveryParameters.TryRead(request.Query, tokens, name, out var page, out var query, out var problem))
            {
                return problem;
            }

            try
            {
                var found = await log.ListAsync(query, cancellationToken);
                return page.Respond(found.Items, found.Continuation, DeliveryJson.Write);
            }
            catch (InvalidContinuationException)
            {
                return PageParameters.InvalidContinuation();
            }
        });
}
