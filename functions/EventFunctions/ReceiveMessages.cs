using EventFunctions.Events;
using EventFunctions.Http;
using EventFunctions.Intake;
using EventFunctions.Intake.Messages;
using EventFunctions.Ports;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace EventFunctions;

/// <summary>Takes in the messages of producers that do not speak CloudEvents.</summary>
public sealed class ReceiveMessages(
    IProducerRegistry producers,
    MessageVerifier verifier,
    PlatformPrincipal callers,
    EventIntake intake,
    EventMetrics metrics,
    ILogger<ReceiveMessages> logger)
{
    /// <summary>
    /// Answers when the event that the message means is durable. No key opens this call: the message itself shows whose it
    /// is, and a producer without a verification can send none.
    /// </summary>
    // POST http://localhost:7071/api/producers/policies/events
    [Function(nameof(ReceiveMessages))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "producers/{name}/events")] HttpRequest request,
        string name,
        CancellationToken cancellationToken)
    {
        var (body, problem) = await MessageRequest.ReadAsync(request, cancellationToken);
        if (body is null)
        {
            metrics.Refused(RefusalReasonName.Invalid);
            return problem!;
        }

        using (body)
        {
            return await StoreProblem.OrUnavailableAsync(() => AcceptAsync(request, name, body.Bytes, cancellationToken));
        }
    }

    private async Task<IResult> AcceptAsync(HttpRequest request, string name, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var headers = MessageRequest.HeadersOf(request);
        var caller = callers.CallerOf(request);
        var producer = await producers.FindByNameAsync(name, cancellationToken);
        if (producer?.Messages is not { } mapping)
        {
            metrics.Refused(RefusalReasonName.NotVerified);
            return MessageRequest.Refused();
        }

        if (verifier.Refusal(producer, headers, body.Span, caller.ObjectId) is { } refusal)
        {
            logger.LogWarning("A message for the producer {Producer} is refused: {Reason}", producer.Name, refusal);
            metrics.Refused(RefusalReasonName.NotVerified);
            return MessageRequest.Refused();
        }

        var reading = MessageReader.Read(producer.Source, mapping, headers, body.Span);
        if (reading.Event is null)
        {
            metrics.Refused(RefusalReasonName.Invalid);
            return MessageRequest.Invalid(reading);
        }

        return MessageRequest.Answer(await intake.AcceptAsync([reading.Event], cancellationToken, IntakeWay.Message, caller), mapping);
    }
}
