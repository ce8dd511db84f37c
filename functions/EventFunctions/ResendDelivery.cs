using EventFunctions.Http;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Sends one delivery again.</summary>
public sealed class ResendDelivery(AdministratorAccess access, DeliveryLog log)
{
    /// <summary>Answers with the delivery as it stands now.</summary>
    // POST http://localhost:7071/api/webhooks/crm/deliveries/msg_Dn0fGmC1Jd1OQBmVSmmR0w/resend
    [Function(nameof(ResendDelivery))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/deliveries/{id}/resend")] HttpRequest request,
        string name,
        string id,
        CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(ResendDelivery), async change => await change.MakeAsync(
            new("delivery", $"{name}/{id}"), async () => new(DeliveryResponse.Of(await log.ResendAsync(name, id, cancellationToken))), cancellationToken));
}
