using EventFunctions.Http;
using EventFunctions.Queries;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists the webhooks in the order of their names, page by page.</summary>
public sealed class ListWebhooks(AdministratorAccess access, WebhookRegistry registry, ContinuationToken tokens, TimeProvider time)
{
    /// <summary>Answers with one page of webhooks, without their secrets.</summary>
    // GET http://localhost:7071/api/webhooks?limit=20
    [Function(nameof(ListWebhooks))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "webhooks")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
            PageParameters.TryRead(request.Query, tokens, ["webhooks"], [], out var page, out var problem)
                ? WebhookResponse.Of(await registry.ListAsync(cancellationToken), page, time.GetUtcNow())
                : problem);
}
