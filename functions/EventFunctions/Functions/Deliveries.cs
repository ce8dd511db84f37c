using EventFunctions.Http;
using EventFunctions.Jobs;
using EventFunctions.Queries;
using EventFunctions.Webhooks;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Shows deliveries to webhooks, and sends them again.</summary>
public sealed class Deliveries(AdministratorAccess access, DeliveryLog log, WebhookRegistry webhooks, JobStart start, ContinuationToken tokens)
{
    /// <summary>Lists the deliveries to a webhook, newest first, page by page.</summary>
    // GET http://localhost:7071/api/webhooks/crm/deliveries?status=failed&limit=20
    [Function(nameof(ListDeliveries))]
    public Task<IResult> ListDeliveries(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "webhooks/{name}/deliveries")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, _ => PageParameters.RespondAsync(request, tokens, ["deliveries", name], DeliveryParameters.Filters, async page =>
        {
            var query = DeliveryParameters.Read(page, name);
            if (page.Query.Problem is { } problem)
            {
                return problem;
            }

            var found = await log.ListAsync(query, cancellationToken);
            return page.Respond(found.Items, found.Continuation, DeliveryJson.Write);
        }));

    /// <summary>Shows one delivery with its attempts.</summary>
    // GET http://localhost:7071/api/webhooks/crm/deliveries/msg_Dn0fGmC1Jd1OQBmVSmmR0w
    [Function(nameof(GetDelivery))]
    public Task<IResult> GetDelivery(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "webhooks/{name}/deliveries/{id}")] HttpRequest request,
        string name,
        string id,
        CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => DeliveryResponse.Of(await log.ReadAsync(name, id, cancellationToken)));

    /// <summary>Lists the deliveries of one event to all webhooks, newest first, page by page.</summary>
    // GET http://localhost:7071/api/events/renewal-42/deliveries?source=/insurance/policies
    [Function(nameof(ListEventDeliveries))]
    public Task<IResult> ListEventDeliveries(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "events/{id}/deliveries")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => !EventAddress.TryRead(request, id, out var key, out var problem)
            ? problem
            : await PageParameters.RespondAsync(request, tokens, ["eventDeliveries", key.Id], ["source"], async page =>
            {
                var found = await log.ListAsync(key, page.Limit, page.Continuation, cancellationToken);
                return page.Respond(found.Items, found.Continuation, DeliveryJson.Write);
            }));

    /// <summary>Sends one delivery again.</summary>
    // POST http://localhost:7071/api/webhooks/crm/deliveries/msg_Dn0fGmC1Jd1OQBmVSmmR0w/resend
    [Function(nameof(ResendDelivery))]
    public Task<IResult> ResendDelivery(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/deliveries/{id}/resend")] HttpRequest request,
        string name,
        string id,
        CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(ResendDelivery), async change => await change.MakeAsync(
            new("delivery", $"{name}/{id}"), async () => new(DeliveryResponse.Of(await log.ResendAsync(name, id, cancellationToken))), cancellationToken));

    /// <summary>Sends all deliveries to a webhook again that failed since a time.</summary>
    // POST http://localhost:7071/api/webhooks/crm/resend {"since": "2026-11-24T08:00:00Z"}
    [Function(nameof(ResendFailedDeliveries))]
    public Task<IResult> ResendFailedDeliveries(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/resend")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(ResendFailedDeliveries), async change =>
        {
            var (order, problem) = await ResendOrder.ReadAsync(request, cancellationToken);
            return order is null ? problem! : await change.MakeAsync(
                new("webhook", name),
                async () => new(DeliveryResponse.Of(await log.ResendFailedAsync(name, order.Since, cancellationToken))),
                cancellationToken);
        });

    /// <summary>Starts a job that delivers missed events to a webhook.</summary>
    // POST http://localhost:7071/api/webhooks/crm/replay {"since": "2026-11-24T08:00:00Z", "until": "2026-11-24T09:00:00Z"}
    [Function(nameof(ReplayToWebhook))]
    public Task<IResult> ReplayToWebhook(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/replay")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(ReplayToWebhook), async change =>
        {
            var (order, problem) = await JobOrder.ReadDeliveryAsync(request, name, cancellationToken);
            return order is null ? problem!
                : await webhooks.FindAsync(name, cancellationToken) is not { Enabled: true } ? DeliveryResponse.Disabled()
                : await change.MakeAsync(new("webhook", name), () => order.StartAsync(start, change.Who, cancellationToken), cancellationToken);
        });
}
