using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A request that brings a producer's own message.</summary>
internal static class MessageRequest
{
    /// <summary>Returns the error in a request's headers; null if they are valid. The error is the same for every sender.</summary>
    /// <param name="request">The request.</param>
    public static Problem? WrongHeaders(HttpRequest request)
    {
        var type = request.ContentType is null ? null : MediaType.TryParse(request.ContentType);
        if (request.ContentType is not null && (type is not { IsJson: true } || type.Charset is not (null or "utf-8")))
        {
            return new Problem(StatusCodes.Status415UnsupportedMediaType, "Send a message as JSON in UTF-8, for example as application/json.");
        }

        // What is signed is what was sent, and senders do not agree on whether that is compressed.
        return request.Headers.ContentEncoding.Count > 0
            ? new Problem(StatusCodes.Status415UnsupportedMediaType, "Send a message without a content encoding.")
            : null;
    }

    /// <summary>The headers of a request.</summary>
    /// <param name="request">The request.</param>
    public static MessageHeaders HeadersOf(HttpRequest request) => name => request.Headers[name];

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
        new(StatusCodes.Status403Forbidden, "The producer is unknown, or the request's key or signature is not valid for it. Check the name in the URL and the key or secret.");

    /// <summary>The answer to a message that was recorded or refused.</summary>
    /// <param name="result">What became of it.</param>
    /// <param name="mapping">Where in the message the sender finds what is at fault.</param>
    public static IResult Respond(IntakeResult result, MessageMapping mapping) =>
        IntakeResponse.From(result, isBatch: false, new MessagePlaces(mapping).InMessage);
}
