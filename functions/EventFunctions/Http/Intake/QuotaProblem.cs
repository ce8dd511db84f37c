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
        var quota = Describe(excess);
        return excess.RetryAfter is { } after
            ? TooMany(excess, after, seconds => string.Create(
                CultureInfo.InvariantCulture, $"{quota}, and {excess.Left} of the request's {excess.Events} fit now. Send it again after {seconds} s. Nothing was recorded."))
            : new Problem(StatusCodes.Status413PayloadTooLarge, string.Create(
                CultureInfo.InvariantCulture,
                $"{quota}, and the request has {excess.Events}. Send batches of at most {excess.EventsPerMinute} events. Nothing was recorded."))
            {
                Members = writer => Write(writer, excess),
            };
    }

    /// <summary>Returns <c>429</c> with <c>Retry-After</c> for a delivery of which some events have to wait.</summary>
    /// <param name="excess">The quota, and how many events wait for it.</param>
    public static Problem OfDelivery(QuotaExcess excess) => TooMany(excess, excess.RetryAfter!.Value, seconds => string.Create(
        CultureInfo.InvariantCulture,
        $"{Describe(excess)} and used up: {excess.Events} events have to wait. Send the delivery again after {seconds} s. The other events are recorded."));

    private static string Describe(QuotaExcess excess) =>
        string.Create(CultureInfo.InvariantCulture, $"The quota of the producer \"{excess.Producer}\" is {excess.EventsPerMinute} events per minute");

    private static Problem TooMany(QuotaExcess excess, TimeSpan after, Func<string, string> detail)
    {
        var seconds = Math.Max(1, Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        return new Problem(StatusCodes.Status429TooManyRequests, detail(seconds))
        {
            Headers = [new("Retry-After", seconds)],
            Members = writer => Write(writer, excess),
        };
    }

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
