using EventFunctions.Http;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows a webhook, without its secrets.</summary>
public sealed class GetWebhook(AdministratorAccess access, WebhookRegistry registry, TimeProvider time)
{
    /// <summary>Answers with the webhook; its entity tag is what a change asks for.</summary>
    // GET http://localhost:7071/api/webhooks/crm
    [Function(nameof(GetWebhook))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "webhooks/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
            WebhookReader.IsName(name) && await registry.ReadAsync(name, cancellationToken) is { } webhook
                ? WebhookResponse.Of(webhook, time.GetUtcNow())
                : WebhookResponse.NotFound());
}
