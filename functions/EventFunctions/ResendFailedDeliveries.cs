using EventFunctions.Http;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Sends everything to a webhook again that failed since a time.</summary>
public sealed class ResendFailedDeliveries(AdministratorAccess access, DeliveryLog log)
{
    private static readonly string[] Names = ["since"];

    /// <summary>Answers with how many are sent again, and whether there are more.</summary>
    // POST http://localhost:7071/api/webhooks/crm/resend {"since": "2026-11-24T08:00:00Z"}
    [Function(nameof(ResendFailedDeliveries))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/resend")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(ResendFailedDeliveries), async change =>
        {
            var (wanted, problem) = await JobRequest.ReadAsync(request, body => new Wanted(body.Time("since", required: true)), Names, cancellationToken);
            return wanted is null ? problem! : await change.MakeAsync(
                new("webhook", name),
                async () => new(await log.ResendFailedAsync(name, wanted.Since!.Value, cancellationToken) is var (sent, more)
                    ? DeliveryResponse.Resent(sent, more)
                    : DeliveryResponse.Disabled()),
                cancellationToken);
        });

    private sealed record Wanted(DateTimeOffset? Since);
}
