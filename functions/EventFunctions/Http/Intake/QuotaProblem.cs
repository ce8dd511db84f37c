using System.Globalization;
using System.Text.Json;
using EventFunctions.Intake.Quotas;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>The response to a request that exceeds a producer's quota.</summary>
internal static class QuotaProblem
{
    /// <summary>Returns <c>429</c> with <c>Retry-After</c>, or <c>413</c> if the request never fits.</summary>
    /// <param name="excess">The quota and what exceeds it.</param>
    public static Problem Of(QuotaExcess excess)
    {
        var quota = string.Create(CultureInfo.InvariantCulture, $"The quota of the producer \"{excess.Producer}\" is {excess.EventsPerMinute} events per minute");
        return excess.RetryAfter is { } after
            ? TooMany(excess, quota, Math.Max(1, Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture))
            : new Problem(StatusCodes.Status413PayloadTooLarge, string.Create(
                CultureInfo.InvariantCulture,
                $"{quota}, and the request has {excess.Events}. Send batches of at most {excess.EventsPerMinute} events. Nothing was recorded."))
            {
                Members = writer => Write(writer, excess),
            };
    }

    private static Problem TooMany(QuotaExcess excess, string quota, string seconds) =>
        new(StatusCodes.Status429TooManyRequests, string.Create(
            CultureInfo.InvariantCulture,
            $"{quota}, and {excess.Left} of the request's {excess.Events} fit now. Send it again after {seconds} s. Nothing was recorded."))
        {
            Headers = [new("Retry-After", seconds)],
            Members = writer => Write(writer, excess),
        };

    private static void Write(Utf8JsonWriter writer, QuotaExcess excess)
    {
        writer.WriteStartObject("quota"u8);
        writer.WriteString("producer"u8, excess.Producer);
        writer.WriteNumber("eventsPerMinute"u8, excess.EventsPerMinute);
        writer.WriteNumber("events"u8, excess.Events);
        writer.WriteNumber("left"u8, excess.Left);
        writer.WriteEndObject();
    }
}
