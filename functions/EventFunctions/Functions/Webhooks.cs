using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Http;
using EventFunctions.Queries;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Registers webhooks.</summary>
public sealed class Webhooks(
    AdministratorAccess access, WebhookReader reader, IEndpointSecrets secrets, WebhookRegistry registry, WebhookTest test, ContinuationToken tokens, TimeProvider time)
{
    /// <summary>Lists the webhooks in the order of their names, page by page.</summary>
    // GET http://localhost:7071/api/webhooks?limit=20
    [Function(nameof(ListWebhooks))]
    public Task<IResult> ListWebhooks(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "webhooks")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, _ => PageParameters.RespondAsync(
            request, tokens, ["webhooks"], [], async page => WebhookResponse.Of(await registry.ListAsync(cancellationToken), page, time.GetUtcNow())));

    /// <summary>Shows a webhook, without its secrets.</summary>
    // GET http://localhost:7071/api/webhooks/crm
    [Function(nameof(GetWebhook))]
    public Task<IResult> GetWebhook(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "webhooks/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
            WebhookReader.IsName(name) && await registry.ReadAsync(name, cancellationToken) is { } webhook
                ? WebhookResponse.Of(webhook, time.GetUtcNow())
                : WebhookResponse.NotFound());

    /// <summary>Registers a webhook, or changes one.</summary>
    // PUT http://localhost:7071/api/webhooks/crm
    [Function(nameof(PutWebhook))]
    public Task<IResult> PutWebhook(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "webhooks/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(PutWebhook), async change =>
        {
            if (!PreconditionHeaders.TryRead(request, out var precondition, out var problem))
            {
                return problem;
            }

            var (definition, wrong) = await DefinitionRequest.ReadAsync<WebhookDefinition>(request, name, Read, cancellationToken);
            return definition is null
                ? wrong!
                : await change.MakeAsync(
                    new("webhook", name),
                    async () => WebhookResponse.ResultOf(await registry.PutAsync(definition, precondition, cancellationToken), time.GetUtcNow()),
                    cancellationToken);
        });

    /// <summary>Removes a webhook; nothing is posted to it any more.</summary>
    // DELETE http://localhost:7071/api/webhooks/crm
    [Function(nameof(DeleteWebhook))]
    public Task<IResult> DeleteWebhook(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "webhooks/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        ChangeAsync(request, nameof(DeleteWebhook), name, registry.DeleteAsync, cancellationToken);

    /// <summary>Enables a webhook that the service or an administrator disabled.</summary>
    // POST http://localhost:7071/api/webhooks/crm/enable
    [Function(nameof(EnableWebhook))]
    public Task<IResult> EnableWebhook(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/enable")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        ChangeAsync(request, nameof(EnableWebhook), name, registry.EnableAsync, cancellationToken);

    /// <summary>Posts a signed test event to a webhook, now and once, also to a disabled one.</summary>
    // POST http://localhost:7071/api/webhooks/crm/test
    [Function(nameof(TestWebhook))]
    public Task<IResult> TestWebhook(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/test")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(TestWebhook), async change =>
        {
            if (!WebhookReader.IsName(name) || await registry.ReadAsync(name, cancellationToken) is not { } registered)
            {
                return WebhookResponse.NotFound();
            }

            return await change.MakeAsync(
                new("webhook", name), async () => new(WebhookResponse.Of(await test.SendAsync(registered.Webhook, cancellationToken))), cancellationToken);
        });

    /// <summary>Makes a new secret for a webhook; for a while the one before signs as well.</summary>
    // POST http://localhost:7071/api/webhooks/crm/secret
    [Function(nameof(RotateWebhookSecret))]
    public Task<IResult> RotateWebhookSecret(
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

            var (rotation, wrong) = await RotationRequest.ReadAsync<WebhookRotation>(request, reader.ReadRotation, cancellationToken);
            return rotation is not null
                ? await change.MakeAsync(
                    new("webhook", name),
                    async () => WebhookResponse.ResultOf(await registry.RotateAsync(name, rotation, precondition, cancellationToken), time.GetUtcNow()),
                    cancellationToken)
                : wrong!;
        });

    /// <summary>Ends a webhook's previous secret before its time.</summary>
    // DELETE http://localhost:7071/api/webhooks/crm/previous-secret
    [Function(nameof(EndPreviousSecret))]
    public Task<IResult> EndPreviousSecret(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "webhooks/{name}/previous-secret")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        ChangeAsync(request, nameof(EndPreviousSecret), name, registry.EndPreviousSecretAsync, cancellationToken);

    private Task<IResult> ChangeAsync(
        HttpRequest request,
        string action,
        string name,
        Func<string, Precondition, CancellationToken, Task<WebhookOutcome>> make,
        CancellationToken cancellationToken) =>
        access.ChangeAsync(request, action, async change =>
            !PreconditionHeaders.TryRead(request, out var precondition, out var problem) ? problem
            : !WebhookReader.IsName(name) ? WebhookResponse.NotFound()
            : await change.MakeAsync(
                new("webhook", name),
                async () => WebhookResponse.ResultOf(await make(name, precondition, cancellationToken), time.GetUtcNow()),
                cancellationToken));

    private WebhookDefinition? Read(ReadOnlySpan<byte> utf8, string name, out IReadOnlyList<EventError> errors) =>
        reader.Read(utf8, name, out errors, secrets.Has);
}
