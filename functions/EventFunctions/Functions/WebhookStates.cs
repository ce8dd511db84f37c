using EventFunctions.Http;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using EventFunctions.Webhooks.Endpoints;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Options;

namespace EventFunctions.Functions;

/// <summary>Shows how a webhook's endpoint does.</summary>
public sealed class WebhookStates(
    AdministratorAccess access, WebhookRegistry registry, WebhookEndpoints endpoints, IOptions<DeliveryOptions> options, TimeProvider time)
{
    /// <summary>Answers with the state.</summary>
    // GET http://localhost:7071/api/webhooks/crm/state
    [Function(nameof(GetWebhookState))]
    public Task<IResult> GetWebhookState(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "webhooks/{name}/state")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
            WebhookReader.IsName(name) && await registry.ReadAsync(name, cancellationToken) is { } registered
                ? WebhookResponse.Of(registered.Webhook, await endpoints.ReadAsync(name, cancellationToken), options.Value, time.GetUtcNow())
                : WebhookResponse.NotFound());
}
