using EventFunctions.Http;
using EventFunctions.Jobs;
using EventFunctions.Records;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Begins a job that delivers to a webhook what it has missed.</summary>
public sealed class ReplayToWebhook(AdministratorAccess access, WebhookRegistry webhooks, EventJobs jobs)
{
    private static readonly string[] Names = ["since", "until", "rate"];

    /// <summary>Answers with the job.</summary>
    // POST http://localhost:7071/api/webhooks/crm/replay {"since": "2026-11-24T08:00:00Z", "until": "2026-11-24T09:00:00Z"}
    [Function(nameof(ReplayToWebhook))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "webhooks/{name}/replay")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(ReplayToWebhook), async change =>
        {
            var (wanted, problem) = await JobRequest.ReadAsync(
                request, body => new Wanted(body.Time("since", required: true), body.Time("until"), body.Rate()), Names, cancellationToken);
            if (wanted is null)
            {
                return problem!;
            }

            return await webhooks.FindAsync(name, cancellationToken) is { Enabled: true }
                ? await change.MakeAsync(
                    new("webhook", name),
                    async () => JobResponse.Started(await jobs.CreateAsync(JobAction.Deliver, FilterOf(name, wanted), wanted.Rate, change.Who, cancellationToken)),
                    cancellationToken)
                : DeliveryResponse.Disabled();
        });

    private static JobFilter FilterOf(string webhook, Wanted wanted) =>
        new() { Status = EventStatus.None, Webhook = webhook, From = wanted.Since, To = wanted.Until };

    private sealed record Wanted(DateTimeOffset? Since, DateTimeOffset? Until, int Rate);
}
