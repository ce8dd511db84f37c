using System.Globalization;
using System.Text.Json;
using EventFunctions.Administration;
using EventFunctions.Producers.Keys;
using EventFunctions.Records;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>What the keys of producers look like over HTTP.</summary>
internal static class ProducerKeyResponse
{
    /// <summary>All keys of a producer, newest first, and whether its events need one.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="now">The time.</param>
    public static JsonResponse Of(ProducerKeys keys, DateTimeOffset now) => new(StatusCodes.Status200OK, writer =>
    {
        writer.WriteStartObject();
        writer.WriteBoolean("required"u8, keys.AreRequired);
        writer.WriteStartArray("items"u8);
        foreach (var key in keys.All.Reverse())
        {
            Write(writer, keys.Producer, key, null, now);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    /// <summary>The outcome of a change.</summary>
    /// <param name="producer">The producer's name.</param>
    /// <param name="outcome">What became of it.</param>
    /// <param name="now">The time.</param>
    public static IResult Of(string producer, ProducerKeyOutcome outcome, DateTimeOffset now) => outcome.Verdict switch
    {
        ProducerKeyVerdict.Created => new JsonResponse(StatusCodes.Status201Created, writer => Write(writer, producer, outcome.Key!, outcome.Text, now)),
        ProducerKeyVerdict.Revoked or ProducerKeyVerdict.Removed or ProducerKeyVerdict.Unchanged => Results.NoContent(),
        ProducerKeyVerdict.NoProducer => ProducerResponse.NotFound(),
        ProducerKeyVerdict.NoKey => NotFound(),
        ProducerKeyVerdict.Ended => Conflict($"The key ended at {UtcMilliseconds.Text(outcome.Key!.EndsAt)}. Create a new one."),
        ProducerKeyVerdict.Replaced => Conflict($"The key {outcome.Key!.ReplacedBy} replaced this one. Rotate that key."),
        _ => Conflict(string.Create(
            CultureInfo.InvariantCulture, $"The producer has {ProducerKeyAdministration.MaxActive} active keys, the maximum. Revoke one first.")),
    };

    /// <summary>The answer if the producer has no such key.</summary>
    public static Problem NotFound() => new(StatusCodes.Status404NotFound, "The producer has no key with this ID.");

    private static Problem Conflict(string detail) => new(StatusCodes.Status409Conflict, detail);

    private static void Write(Utf8JsonWriter writer, string producer, ProducerKey key, string? text, DateTimeOffset now)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, key.Id);
        writer.WriteString("prefix"u8, ProducerKeyText.PrefixOf(producer, key.Id));
        writer.WriteString("state"u8, key.RevokedAt is not null ? "revoked"u8 : key.IsActive(now) ? "active"u8 : "expired"u8);
        WriteText(writer, "label", key.Label);
        WriteTime(writer, "createdAt", key.CreatedAt);
        writer.WriteString("createdBy"u8, key.CreatedBy);
        WriteTime(writer, "expiresAt", key.ExpiresAt);
        WriteText(writer, "replacedBy", key.ReplacedBy);
        WriteTime(writer, "revokedAt", key.RevokedAt);
        WriteText(writer, "revokedBy", key.RevokedBy);
        WriteText(writer, "key", text);
        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? text)
    {
        if (text is not null)
        {
            writer.WriteString(name, text);
        }
    }

    private static void WriteTime(Utf8JsonWriter writer, string name, DateTimeOffset? time) =>
        WriteText(writer, name, time is { } at ? UtcMilliseconds.Text(at) : null);
}
