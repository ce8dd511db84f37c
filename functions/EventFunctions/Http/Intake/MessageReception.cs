using EventFunctions.Intake;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Accepts messages of producers that do not speak CloudEvents.</summary>
/// <param name="producers">Whose messages they are.</param>
/// <param name="limits">Limits the memory that bodies take.</param>
/// <param name="verifier">Verifies messages.</param>
/// <param name="challenges">Responds to challenges.</param>
/// <param name="callers">Who calls.</param>
/// <param name="intake">Accepts the events.</param>
/// <param name="refusals">Records refused messages.</param>
public sealed class MessageReception(
    IProducerRegistry producers,
    BodyLimits limits,
    MessageVerifier verifier,
    ChallengeResponder challenges,
    PlatformPrincipal callers,
    EventIntake intake,
    IntakeRefusals refusals)
{
    private static readonly ChallengeResponse Reachable = ChallengeResponse.OfText("Post messages to this URL.");

    /// <summary>Responds to a request by which a sender finds out whether the receiver is its own.</summary>
    /// <param name="request">The request.</param>
    /// <param name="name">The producer's name in the path.</param>
    /// <param name="cancellationToken">Cancels the lookup of the producer.</param>
    internal async Task<IResult> ConfirmAsync(HttpRequest request, string name, CancellationToken cancellationToken)
    {
        // Intercom asks by HEAD whether the URL can be reached at all. The response is the same for every name.
        if (!request.QueryString.HasValue)
        {
            return new ChallengeResult(Reachable);
        }

        var producer = await producers.FindKnownByNameAsync(name, cancellationToken);
        if (challenges.ToQuery(producer?.Verification?.Challenge, isGet: true, parameter => request.Query[parameter]) is { } response)
        {
            return new ChallengeResult(response);
        }

        refusals.Record(RefusalReasonName.NotVerified, "a challenge for an unknown producer, or one that is not verified", name);
        return MessageRequest.Refused();
    }

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

        var producer = await producers.FindKnownByNameAsync(name, cancellationToken);
        if (challenges.ToQuery(producer?.Verification?.Challenge, isGet: false, parameter => request.Query[parameter]) is { } response)
        {
            return new ChallengeResult(response);
        }

        // An unknown name, or the key of another producer, gets the same response as a bad signature, at the same time: when the body has arrived.
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
        var message = MessageRequest.EnvelopeOf(request, body);
        var caller = callers.CallerOf(request, keyOf);
        if (verifier.Refusal(producer, message, caller.ObjectId) is { } refusal)
        {
            refusals.Record(
                RefusalReasonName.NotVerified, $"a message for the producer {producer.Name} ({refusal.TrimEnd('.')})", $"{request.Method} {request.Path}");
            return MessageRequest.Refused();
        }

        if (challenges.ToMessage(producer, message) is { } response)
        {
            return new ChallengeResult(response);
        }

        var reading = MessageReader.Read(producer.Source, mapping, message, producer.Verification?.Signature);
        if (!reading.IsValid)
        {
            refusals.Record(
                RefusalReasonName.Invalid,
                $"an invalid message of the producer {producer.Name}",
                reading.Errors is [var first, ..] ? first.Detail : "A header is missing or wrong.");
            return MessageRequest.Invalid(reading);
        }

        var events = new IntakeRequest([.. reading.Events.Select(read => read.Event)], IntakeChannel.Message, caller)
        {
            Remarks = [.. reading.Events.Select(read => read.Omitted)],
        };
        return MessageRequest.Respond(await intake.AcceptAsync(events, cancellationToken), mapping);
    }
}
