using EventFunctions.Http;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Removes a webhook; nothing is posted to it any more.</summary>
public sealed class DeleteWebhook(AdministratorAccess access, WebhookRegistry registry, TimeProvider time)
{
    /// <summary>Answers without content when it is gone.</summary>
    // DELETE http://localhost:7071/api/webhooks/crm
    [Function(nameof(DeleteWebhook))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "webhooks/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(DeleteWebhook), async change =>
            !PreconditionHeaders.TryRead(request, out var precondition, out var problem) ? problem
            : !WebhookReader.IsName(name) ? WebhookResponse.NotFound()
            : await change.MakeAsync(
                new("webhook", name),
                async () => WebhookResponse.ResultOf(await registry.DeleteAsync(name, precondition, cancellationToken), time.GetUtcNow()),
                cancellationToken));
}
