using EventFunctions.Http;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Posts a signed test event to a webhook, now and once, also to a disabled one.</summary>
public sealed class TestWebhook(AdministratorAccess access, WebhookRegistry registry, WebhookTest test)
{
    /// <summary>Answers with what the endpoint answered.</summary>
    // POST http://localhost:7071/api/webhooks/crm/test
    [Function(nameof(TestWebhook))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/test")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(TestWebhook), async change =>
        {
            if (!WebhookReader.IsName(name) || await registry.ReadAsync(name, cancellationToken) is not { } registered)
            {
                return WebhookResponse.NotFound();
            }

            return await change.MakeAsync(
                new("webhook", name),
                async () =>
                {
                    var (id, answer) = await test.SendAsync(registered.Webhook, cancellationToken);
                    return new(WebhookResponse.Of(id, answer));
                },
                cancellationToken);
        });
}
