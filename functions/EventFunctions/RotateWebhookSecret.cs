using EventFunctions.Http;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Makes a new secret for a webhook; for a while the one before signs as well.</summary>
public sealed class RotateWebhookSecret(AdministratorAccess access, WebhookReader reader, WebhookRegistry registry, TimeProvider time)
{
    /// <summary>Answers with the webhook and the new secret, this once.</summary>
    // POST http://localhost:7071/api/webhooks/crm/secret
    [Function(nameof(RotateWebhookSecret))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/secret")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(RotateWebhookSecret), async change =>
        {
            if (!PreconditionHeaders.TryRead(request, out var precondition, out var problem))
            {
                return problem;
            }

            if (!WebhookReader.IsName(name))
            {
                return WebhookResponse.NotFound();
            }

            var (overlap, wrong) = await RotationRequest.ReadAsync<TimeSpan?>(request, reader.ReadOverlap, cancellationToken);
            return overlap is { } length
                ? await change.MakeAsync(
                    new("webhook", name),
                    async () => WebhookResponse.ResultOf(await registry.RotateAsync(name, length, precondition, cancellationToken), time.GetUtcNow()),
                    cancellationToken)
                : wrong!;
        });
}
