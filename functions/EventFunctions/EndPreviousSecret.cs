using EventFunctions.Http;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Ends a webhook's previous secret before its time.</summary>
public sealed class EndPreviousSecret(AdministratorAccess access, WebhookRegistry registry, TimeProvider time)
{
    /// <summary>Answers with the webhook, whether there still was one or not.</summary>
    // DELETE http://localhost:7071/api/webhooks/crm/previous-secret
    [Function(nameof(EndPreviousSecret))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "webhooks/{name}/previous-secret")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(EndPreviousSecret), async change =>
            !PreconditionHeaders.TryRead(request, out var precondition, out var problem) ? problem
            : !WebhookReader.IsName(name) ? WebhookResponse.NotFound()
            : await change.MakeAsync(
                new("webhook", name),
                async () => WebhookResponse.ResultOf(await registry.EndPreviousSecretAsync(name, precondition, cancellationToken), time.GetUtcNow()),
                cancellationToken));
}
