using EventFunctions.Http;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Registers a webhook, or changes one.</summary>
public sealed class PutWebhook(AdministratorAccess access, WebhookReader reader, WebhookRegistry registry, TimeProvider time)
{
    /// <summary>Answers with the webhook as it is kept, when it is durable; a new one with its secret, this once.</summary>
    // PUT http://localhost:7071/api/webhooks/crm
    [Function(nameof(PutWebhook))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "webhooks/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(PutWebhook), async change =>
        {
            if (!PreconditionHeaders.TryRead(request, out var precondition, out var problem))
            {
                return problem;
            }

            var (definition, wrong) = await DefinitionRequest.ReadAsync<WebhookDefinition>(request, name, reader.Read, cancellationToken);
            return definition is null
                ? wrong!
                : await change.MakeAsync(
                    new("webhook", name),
                    async () => WebhookResponse.ResultOf(await registry.PutAsync(definition, precondition, cancellationToken), time.GetUtcNow()),
                    cancellationToken);
        });
}
