using EventFunctions.Http;
using EventFunctions.Intake;
using EventFunctions.Records;
using EventFunctions.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Takes events in: one, or a batch, in any content mode of CloudEvents or as plain JSON.</summary>
public sealed class ReceiveEvents(ProducerAccess access, EventIntake intake, BodyLimits limits, PlatformPrincipal callers, EventMetrics metrics, RefusalLog refusals)
{
    /// <summary>Answers when every event is durable.</summary>
    // POST http://localhost:7071/api/events
    [Function(nameof(ReceiveEvents))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "events")] HttpRequest request, CancellationToken cancellationToken) =>
        access.SendAsync(
            request,
            async keyOf =>
            {
                // Held until the response: an event of an unknown source waits for the registry.
                using var hold = limits.Events.Hold();
                var (events, problem) = await EventRequest.ReadAsync(request, hold, cancellationToken);
                if (events is null)
                {
                    metrics.Refused(RefusalReasonName.Invalid);
                    refusals.Record("a request without valid events", problem!.Detail);
                    return problem;
                }

                return IntakeResponse.From(
                    await intake.AcceptAsync(new IntakeRequest(events.Reading.Events, IntakeChannel.Post, callers.CallerOf(request, keyOf)), cancellationToken), events.IsBatch);
            },
            cancellationToken);
}
