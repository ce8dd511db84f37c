using System.Net.Sockets;

namespace EventFunctions.Local.EventGrid;

/// <summary>How an attempt ended.</summary>
/// <param name="StatusCode">What the subscriber answered; null where it did not.</param>
/// <param name="Outcome">The service's word for it, as dead letters have it.</param>
internal readonly record struct AttemptResult(int? StatusCode, string Outcome)
{
    /// <summary>The endpoint did not respond in time.</summary>
    public static readonly AttemptResult TimedOut = new(null, nameof(TimedOut));

    /// <summary>The attempt failed on this side.</summary>
    public static readonly AttemptResult Failed = new(null, "GenericError");

    /// <summary>Whether the event is delivered. As in the service, only 200 to 204 count.</summary>
    public bool IsDelivered => StatusCode is >= 200 and <= 204;

    /// <summary>The subscriber answered.</summary>
    public static AttemptResult Answered(int status) => new(status, status switch
    {
        >= 200 and <= 204 => "Delivered",
        400 => "BadRequest",
        401 => "Unauthorized",
        403 => "Forbidden",
        404 => "NotFound",
        408 => "TimedOut",
        413 => "PayloadTooLarge",
        429 or 503 => "Busy",
        _ => "GenericError",
    });

    /// <summary>The subscriber could not be reached.</summary>
    public static AttemptResult Unreachable(HttpRequestException exception) => new(
        null,
        exception.HttpRequestError == HttpRequestError.NameResolutionError || exception.InnerException is SocketException
        {
            SocketErrorCode: SocketError.HostNotFound or SocketError.TryAgain,
        }
            ? "ResolutionError"
            : "SocketError");
}
