using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Intake.EventGrid;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Accepts what Event Grid subscriptions deliver.</summary>
/// <param name="callers">Who calls.</param>
/// <param name="intake">Accepts each event alone.</param>
/// <param name="refusals">Records refused requests.</param>
public sealed class EventGridReception(PlatformPrincipal callers, EventGridIntake intake, IntakeRefusals refusals)
{
    private const string EventTypeHeader = "aeg-event-type";

    /// <summary>Whether a request comes from an Event Grid subscription.</summary>
    /// <param name="request">The request.</param>
    internal static bool IsDelivery(HttpRequest request) => request.Headers.ContainsKey(EventTypeHeader);

    /// <summary>
    /// Returns the response that Event Grid needs: it drops or dead-letters events that get a 401 or 403, although a mended subscription would
    /// get them through, and sends those again that get a 503.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="response">The response to a producer.</param>
    internal static IResult Retryable(HttpRequest request, IResult response) =>
        IsDelivery(request) && response is Problem { Status: StatusCodes.Status401Unauthorized or StatusCodes.Status403Forbidden } problem
            ? new Problem(StatusCodes.Status503ServiceUnavailable, problem.Detail + " Event Grid sends the events again: correct the subscription until then.")
            {
                Headers = [new("Retry-After", "60")],
            }
            : response;

    /// <summary>Responds when every event is durable or its refusal is kept.</summary>
    /// <param name="request">The request.</param>
    /// <param name="keyOf">The producer whose key came; null if none came.</param>
    /// <param name="hold">Grows with the body.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    internal async Task<IResult> ReceiveAsync(HttpRequest request, Producer? keyOf, BodyHold hold, CancellationToken cancellationToken)
    {
        if (EventReader.ModeOf(request.ContentType, hasAttributeHeaders: false) is not (ContentMode.Structured or ContentMode.Batch) || request.Headers[EventTypeHeader] == "SubscriptionValidation")
        {
            return Refused(new Problem(StatusCodes.Status400BadRequest, EventReader.EventGridSchemaAdvice));
        }

        var (body, problem) = await RequestBody.ReadAsync(request, hold, cancellationToken);
        if (body is null)
        {
            return Refused(problem!);
        }

        using (body)
        {
            var isBatch = EventReader.ModeOf(request.ContentType, hasAttributeHeaders: false) == ContentMode.Batch;
            var (receipt, invalid) = await intake.TakeAsync(isBatch, body.Bytes, callers.CallerOf(request, keyOf), cancellationToken);
            return receipt switch
            {
                null => Refused(new Problem(StatusCodes.Status400BadRequest, invalid!)),
                { Excess: { } excess } => QuotaProblem.OfDelivery(excess),
                { Unauthorized: { } why } => Refused(new Problem(StatusCodes.Status403Forbidden, why)),
                { IsListFull: true } => new Problem(
                    StatusCodes.Status503ServiceUnavailable,
                    "The list of refusals is full for this hour, and the source of some events is unknown. Event Grid sends the events again: register a producer for the source until then.")
                {
                    Headers = [new("Retry-After", "60")],
                },
                _ => new JsonResponse(StatusCodes.Status200OK, writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteNumber("recorded"u8, receipt.Recorded);
                    writer.WriteNumber("duplicates"u8, receipt.Duplicates);
                    writer.WriteNumber("refused"u8, receipt.Refused);
                    writer.WriteEndObject();
                }),
            };
        }
    }

    private Problem Refused(Problem problem)
    {
        refusals.Record(RefusalReasonName.Invalid, "a delivery of Event Grid", problem.Detail);
        return problem;
    }
}
