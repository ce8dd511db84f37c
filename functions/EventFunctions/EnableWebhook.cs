using EventFunctions.Http;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lets a webhook be posted to again, whoever disabled it.</summary>
public sealed class EnableWebhook(AdministratorAccess access, WebhookRegistry registry, TimeProvider time)
{
    /// <summary>Answers with the webhook.</summary>
    // POST http://localhost:7071/api/webhooks/crm/enable
    [Function(nameof(EnableWebhook))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/enable")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(EnableWebhook), async change =>
            !PreconditionHeaders.TryRead(request, out var precondition, out var problem) ? problem
            : !WebhookReader.IsName(name) ? WebhookResponse.NotFound()
            : await change.MakeAsync(
                new("webhook", name),
                async () => WebhookResponse.ResultOf(await registry.EnableAsync(name, precondition, cancellationToken), time.GetUtcNow()),
                cancellationToken));
}
