using EventFunctions.Intake;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Accepts messages of producers that do not speak CloudEvents.</summary>
/// <param name="producers">Whose messages they are.</param>
/// <param name="limits">Limits the memory that bodies take.</param>
/// <param name="verifier">Verifies messages.</param>
/// <param name="callers">Who calls.</param>
/// <param name="intake">Accepts the events.</param>
/// <param name="refusals">Records refused messages.</param>
public sealed class MessageReception(
    IProducerRegistry producers, BodyLimits limits, MessageVerifier verifier, PlatformPrincipal callers, EventIntake intake, IntakeRefusals refusals)
{
    /// <summary>Responds when the event of the message is durable.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The producer's name in the path.</param>
    /// <param name="keyOf">The producer whose key came; null if none came.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    internal async Task<IResult> ReceiveAsync(HttpRequest request, string name, Producer? keyOf, CancellationToken cancellationToken)
    {
        if (MessageRequest.WrongHeaders(request) is { } wrong)
        {
            refusals.Record(RefusalReasonName.Invalid, "a message that cannot be read", wrong.Detail);
            return wrong;
        }

        // An unknown name, or the key of another producer, gets the same response as a bad signature, at the same time: when the body has arrived.
        var producer = await producers.FindKnownByNameAsync(name, cancellationToken);
        using var hold = limits.Messages.Hold();
        if (producer?.Messages is not { } mapping || (keyOf is not null && keyOf.Name != producer.Name))
        {
            var unread = await RequestBody.SkipAsync(request, hold, cancellationToken);
            refusals.Record(
                unread is null ? RefusalReasonName.NotVerified : RefusalReasonName.Invalid, "a message for an unknown producer, or one without messages", name);
            return unread ?? MessageRequest.Refused();
        }

        var (body, problem) = await RequestBody.ReadAsync(request, hold, cancellationToken);
        if (body is null)
        {
            refusals.Record(RefusalReasonName.Invalid, "a message that cannot be read", problem!.Detail);
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
            refusals.Record(
                RefusalReasonName.NotVerified, $"a message for the producer {producer.Name} ({refusal.TrimEnd('.')})", $"{request.Method} {request.Path}");
            return MessageRequest.Refused();
        }

        var reading = MessageReader.Read(producer.Source, mapping, headers, body.Span);
        if (reading.Event is null)
        {
            refusals.Record(
                RefusalReasonName.Invalid,
                $"an invalid message of the producer {producer.Name}",
                reading.Errors is [var first, ..] ? first.Detail : "A header is missing or wrong.");
            return MessageRequest.Invalid(reading);
        }

        return MessageRequest.Respond(await intake.AcceptAsync(new IntakeRequest([reading.Event], IntakeChannel.Message, caller), cancellationToken), mapping);
    }
}
