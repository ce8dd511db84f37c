using EventFunctions.Http;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows one delivery with its attempts.</summary>
public sealed class GetDelivery(AdministratorAccess access, DeliveryLog log)
{
    /// <summary>Answers with the delivery.</summary>
    // GET http://localhost:7071/api/webhooks/crm/deliveries/msg_Dn0fGmC1Jd1OQBmVSmmR0w
    [Function(nameof(GetDelivery))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "webhooks/{name}/deliveries/{id}")] HttpRequest request,
        string name,
        string id,
        CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ => DeliveryResponse.Of(await log.ReadAsync(name, id, cancellationToken)));
}
