using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;

namespace EventFunctions.Publication.DeadLetters;

/// <summary>
/// An event that Event Grid could not deliver, and why. Event Grid spells the members that it adds in camelCase if the subscription
/// delivers its own schema (<c>deadLetterReason</c>), and in lower case for CloudEvents.
/// </summary>
internal sealed record DeadLetter
{
    private const int MaxKeyBytes = 1_024;
    private const int MaxWordLength = 100;

    /// <summary>The event that it belongs to: of an enriched event, the one that it was made of.</summary>
    public required EventKey Key { get; init; }

    /// <summary>The run that was published.</summary>
    public required int Run { get; init; }

    /// <summary>Whether it is the enriched event that could not be delivered.</summary>
    public required bool IsEnriched { get; init; }

    /// <summary>Why Event Grid gave up, in its own words: for example <c>MaxDeliveryAttemptsExceeded</c>.</summary>
    public required string Reason { get; init; }

    /// <summary>How often delivery was tried.</summary>
    public required int Attempts { get; init; }

    /// <summary>How the last attempt ended, in Event Grid's words: for example <c>NotFound</c>.</summary>
    public string? Outcome { get; init; }

    /// <summary>When delivery was last tried, or else when the event was published.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>The event's trace ID, if it has one.</summary>
    public string? TraceId { get; init; }

    /// <summary>What a person wants to know.</summary>
    public string Detail => string.Create(
        CultureInfo.InvariantCulture, $"{Reason} after {Attempts} {(Attempts == 1 ? "attempt" : "attempts")}{(Outcome is null ? "" : "; last outcome: " + Outcome)}");

    /// <summary>Reads a dead letter.</summary>
    /// <param name="json">An element of the blob's array.</param>
    /// <returns>Null where it is no dead letter of an event that this service could have published.</returns>
    public static DeadLetter? Read(JsonElement json)
    {
        try
        {
            return json.ValueKind == JsonValueKind.Object
                && (Text(json, "id"), Text(json, "source") ?? Text(json, "topic"), Text(json, "type") ?? Text(json, "eventType"))
                    is ({ } id, { } source, { } type)
                ? Read(json, id, source, type)
                : null;
        }
        catch (InvalidOperationException)
        {
            // Text that is no Unicode.
            return null;
        }
    }

    private static DeadLetter? Read(JsonElement json, string id, string source, string type)
    {
        if (PublishedIdentity.Of(id, source, type, Number(json, ReservedNames.ReplayAttribute) ?? 0) is not var (key, run, isEnriched))
        {
            return null;
        }

        // Event Grid always tells a time. Nothing longer was ever taken in, and stores have limits of their own.
        if ((Either(json, "lastDeliveryAttemptTime", Time) ?? Either(json, "publishTime", Time)) is not { } at
            || run < 0
            || Encoding.UTF8.GetByteCount(key.Id) > MaxKeyBytes
            || Encoding.UTF8.GetByteCount(source) > MaxKeyBytes)
        {
            return null;
        }

        return new DeadLetter
        {
            Key = key,
            Run = run,
            IsEnriched = isEnriched,
            Reason = Word(json, "deadLetterReason") ?? "Unknown",
            Attempts = Math.Max(0, Either(json, "deliveryAttempts", Number) ?? 0),
            Outcome = Word(json, "lastDeliveryOutcome"),
            At = at,
            TraceId = ActivityContext.TryParse(Text(json, "traceparent"), null, out var context) ? context.TraceId.ToHexString() : null,
        };
    }

    private static string? Word(JsonElement json, string name) =>
        (Text(json, name.ToLowerInvariant()) ?? Text(json, name)) is { } text ? text[..Math.Min(text.Length, MaxWordLength)] : null;

    private static T? Either<T>(JsonElement json, string name, Func<JsonElement, string, T?> read)
        where T : struct =>
        read(json, name.ToLowerInvariant()) ?? read(json, name);

    private static string? Text(JsonElement json, string name) =>
        json.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    // Extension attributes of CloudEvents may come as text.
    private static int? Number(JsonElement json, string name) => json.TryGetProperty(name, out var value) switch
    {
        true when value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) => number,
        true when value.ValueKind == JsonValueKind.String
            && int.TryParse(value.GetString(), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) => number,
        _ => null,
    };

    private static DateTimeOffset? Time(JsonElement json, string name) =>
        DateTimeOffset.TryParse(Text(json, name), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) ? time : null;
}
