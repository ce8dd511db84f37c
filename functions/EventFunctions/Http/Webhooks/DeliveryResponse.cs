using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Deliveries over HTTP.</summary>
internal static class DeliveryResponse
{
    /// <summary>Returns the response with a delivery, or 404.</summary>
    public static IResult Of(Delivery? delivery) =>
        delivery is null ? NotFound() : new JsonResponse(StatusCodes.Status200OK, writer => DeliveryJson.Write(writer, delivery));

    /// <summary>The answer to the wish to send a delivery again.</summary>
    public static IResult Of(ResendOutcome outcome) => outcome.Verdict switch
    {
        ResendVerdict.Sent => new JsonResponse(StatusCodes.Status202Accepted, writer => DeliveryJson.Write(writer, outcome.Delivery!)),
        ResendVerdict.Disabled => Disabled(),
        _ => NotFound(),
    };

    /// <summary>Returns the response with the number of deliveries that are sent again.</summary>
    /// <param name="resent">Null if the webhook is not registered or disabled.</param>
    public static IResult Of((int Count, bool More)? resent) => resent is not var (count, more) ? Disabled() : new JsonResponse(StatusCodes.Status202Accepted, writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("resent"u8, count);
        writer.WriteBoolean("more"u8, more);
        writer.WriteEndObject();
    });

    /// <summary>Returns the response for a webhook that is disabled or not registered.</summary>
    public static Problem Disabled() =>
        new(StatusCodes.Status409Conflict, "The webhook is not registered, or is disabled. Register it or enable it, then send the request again.");

    private static Problem NotFound() =>
        new(StatusCodes.Status404NotFound, "The webhook has no delivery with this ID. Finished deliveries are kept only for a limited time.");
}
