using EventFunctions.Http;
using EventFunctions.Intake;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Takes in the messages of producers that do not speak CloudEvents.</summary>
public sealed class ReceiveMessages(
    ProducerAccess access,
    IProducerRegistry producers,
    BodyLimits limits,
    MessageVerifier verifier,
    PlatformPrincipal callers,
    EventIntake intake,
    EventMetrics metrics,
    RefusalLog refusals)
{
    /// <summary>
    /// Answers when the event that the message means is durable. No key opens this call: the message itself shows whose it
    /// is, and a producer without a verification can send none.
    /// </summary>
    // POST http://localhost:7071/api/producers/policies/events
    [Function(nameof(ReceiveMessages))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "producers/{name}/events")] HttpRequest request,
        string name,
        CancellationToken cancellationToken) =>
        access.SendAsync(request, keyOf => ReadAsync(request, name, keyOf, cancellationToken), cancellationToken);

    private async Task<IResult> ReadAsync(HttpRequest request, string name, Producer? keyOf, CancellationToken cancellationToken)
    {
        if (MessageRequest.WrongHeaders(request) is { } wrong)
        {
            metrics.Refused(RefusalReasonName.Invalid);
            refusals.Record("a message that cannot be read", wrong.Detail);
            return wrong;
        }

        return await ReceiveAsync(request, name, keyOf, cancellationToken);
    }

    // An unknown name, or the key of another producer, gets the same response as a bad signature, at the same time: when the body has arrived.
    private async Task<IResult> ReceiveAsync(HttpRequest request, string name, Producer? keyOf, CancellationToken cancellationToken)
    {
        var producer = await producers.FindKnownByNameAsync(name, cancellationToken);
        using var hold = limits.Messages.Hold();
        if (producer?.Messages is not { } mapping || (keyOf is not null && keyOf.Name != producer.Name))
        {
            var wrong = await RequestBody.SkipAsync(request, hold, cancellationToken);
            refusals.Record("a message for a producer that is unknown or sends no messages", name);
            metrics.Refused(wrong is null ? RefusalReasonName.NotVerified : RefusalReasonName.Invalid);
            return wrong ?? MessageRequest.Refused();
        }

        var (body, problem) = await RequestBody.ReadAsync(request, hold, cancellationToken);
        if (body is null)
        {
            metrics.Refused(RefusalReasonName.Invalid);
            refusals.Record("a message that cannot be read", problem!.Detail);
            return problem;
        }

        using (body)
        {
            return await AcceptAsync(request, keyOf, producer, mapping, body.Bytes, cancellationToken);
        }
    }

    private async Task<IResult> AcceptAsync(
        HttpRequest request, Producer? keyOf, Producer producer, MessageMapping mapping, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var headers = MessageRequest.HeadersOf(request);
        var caller = callers.CallerOf(request, keyOf);
        if (verifier.Refusal(producer, headers, body.Span, caller.ObjectId) is { } refusal)
        {
            metrics.Refused(RefusalReasonName.NotVerified);
            refusals.Record($"a message for the producer {producer.Name}, because: {refusal.TrimEnd('.')}", $"{request.Method} {request.Path}");
            return MessageRequest.Refused();
        }

        var reading = MessageReader.Read(producer.Source, mapping, headers, body.Span);
        if (reading.Event is null)
        {
            metrics.Refused(RefusalReasonName.Invalid);
            refusals.Record($"an invalid message of the producer {producer.Name}", reading.Errors is [var first, ..] ? first.Detail : "A header is missing or wrong.");
            return MessageRequest.Invalid(reading);
        }

        return MessageRequest.Respond(await intake.AcceptAsync(new IntakeRequest([reading.Event], IntakeChannel.Message, caller), cancellationToken), mapping);
    }
}
