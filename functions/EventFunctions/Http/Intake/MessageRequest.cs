using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A request that brings a producer's own message.</summary>
internal static class MessageRequest
{
    private const string Replay =
        "This message was received before with other values of what its signature does not cover. It is refused as a replay, and nothing was recorded.";

    /// <summary>Returns the error in a request's headers; null if they are valid. The error is the same for every sender.</summary>
    /// <param name="request">The request.</param>
    public static Problem? WrongHeaders(HttpRequest request)
    {
        var type = request.ContentType is null ? null : MediaType.TryParse(request.ContentType);
        var isRead = request.ContentType is null || type is { IsJson: true } or { Name: "text/plain" or MessageEnvelope.Form };
        if (!isRead || type?.Charset is not (null or "utf-8" or "utf8" or "us-ascii"))
        {
            return new Problem(StatusCodes.Status415UnsupportedMediaType, "Send a message as JSON or a form in UTF-8, for example as application/json.");
        }

        // What is signed is what was sent, and senders do not agree on whether that is compressed.
        return request.Headers.ContentEncoding.Count > 0
            ? new Problem(StatusCodes.Status415UnsupportedMediaType, "Send a message without a content encoding.")
            : null;
    }

    /// <summary>The message in a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="body">Its body.</param>
    public static MessageEnvelope EnvelopeOf(HttpRequest request, ReadOnlyMemory<byte> body) =>
        new(request.Method, request.ContentType is { } type ? MediaType.TryParse(type)?.Name : null, name => request.Headers[name], body);

    /// <summary>Returns the response to an invalid message.</summary>
    /// <param name="reading">What is wrong.</param>
    public static Problem Invalid(MessageReading reading) =>
        new(StatusCodes.Status400BadRequest, "The message is not valid; nothing was recorded.")
        {
            Errors = reading.Errors,
            Parameters = reading.HeaderErrors,
        };

    /// <summary>Returns the response to every sender that is not verified: it does not reveal which names exist.</summary>
    public static Problem Refused() =>
        new(StatusCodes.Status401Unauthorized, "The producer is unknown, or the request's key, signature or token is not valid for it. Check the name in the URL and the key or secret.")
        {
            Headers = ProducerAccess.Challenge,
        };

    /// <summary>Returns the response to a message whose events were recorded or refused.</summary>
    /// <param name="result">What became of them.</param>
    /// <param name="mapping">Where in the message the sender finds what is at fault, and what it takes for an acceptance.</param>
    public static IResult Respond(IntakeResult result, MessageMapping mapping) =>
        IntakeResponse.From(
            result, isBatch: mapping.Each is not null, new MessagePlaces(mapping).InMessage, mapping.AcceptedStatus, mapping.Id.Hash is null ? null : Replay);
}
