using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Intake.Refusals;

/// <summary>Takes the content out of a refusal whose event is about an entity.</summary>
internal static class RefusalErasure
{
    // What stays, in the order in which it is shown.
    private static readonly string[] Kept = ["producer", "eventId", "refusedAt", "expiresAt"];

    /// <summary>The refusal without content; it is forgotten when it would have been.</summary>
    /// <param name="refusal">The refusal.</param>
    /// <param name="producer">Whose feed brought the event.</param>
    /// <param name="entity">
    /// The entity. Refused events may say the wrong source or type: theirs are not asked, except for another source of the producer's pattern.
    /// </param>
    /// <param name="now">The time now.</param>
    /// <returns>Null where it is about something else, or has no content.</returns>
    public static Document? Of(StoredDocument refusal, Producer producer, EntityKey entity, DateTimeOffset now)
    {
        using var body = JsonDocument.Parse(refusal.Body);
        if (!body.RootElement.TryGetProperty("event", out var text) || !IsAbout(text.GetString()!, producer, entity))
        {
            return null;
        }

        var erased = JsonObjectBytes.Write(writer =>
        {
            foreach (var name in Kept)
            {
                if (body.RootElement.TryGetProperty(name, out var value))
                {
                    writer.WritePropertyName(name);
                    value.WriteTo(writer);
                }
            }

            writer.WriteStartArray("errors"u8);
            writer.WriteEndArray();
            writer.WriteBoolean("erased"u8, true);
        });

        var left = DateTimeOffset.Parse(body.RootElement.GetProperty("expiresAt").GetString()!, CultureInfo.InvariantCulture) - now;
        return new Document(refusal.Partition, refusal.Id, erased)
        {
            TimeToLive = left > TimeSpan.FromSeconds(1) ? left : TimeSpan.FromSeconds(1),
        };
    }

    private static bool IsAbout(string text, Producer producer, EntityKey entity)
    {
        try
        {
            // However deep: what was refused for it may be about the entity all the same.
            using var json = JsonDocument.Parse(text, new JsonDocumentOptions { MaxDepth = text.Length + 1 });
            var root = json.RootElement;
            if (root.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            if (root.TryGetProperty("source"u8, out var source) && source.ValueKind == JsonValueKind.String
                && source.GetString() is { } other && other != entity.Source && producer.Owns(other))
            {
                return false;
            }

            return (root.TryGetProperty("subject", out var own) && own.ValueKind == JsonValueKind.String && own.ValueEquals(entity.Subject))
                || (root.TryGetProperty("data", out var data) && producer.Types.Values.Any(type =>
                    !type.Entity.IsEmpty && EntityRules.OfData(entity.Source, type.Entity, data).Entity?.Subject == entity.Subject));
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // No JSON, or text that is no Unicode.
            return false;
        }
    }
}
