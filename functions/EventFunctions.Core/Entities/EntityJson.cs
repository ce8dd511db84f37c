using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Entities;

/// <summary>Writes entities as the API shows them.</summary>
public static class EntityJson
{
    /// <summary>Writes one entity as a JSON object.</summary>
    /// <param name="writer">Writes with a relaxed encoder.</param>
    /// <param name="entity">The entity.</param>
    public static void Write(Utf8JsonWriter writer, EntitySummary entity)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(entity);
        writer.WriteStartObject();
        writer.WriteString("source"u8, entity.Entity.Source);
        writer.WriteString("subject"u8, entity.Entity.Subject);
        writer.WriteString("firstSeen"u8, entity.FirstSeen);
        writer.WriteString("lastSeen"u8, entity.LastSeen);
        writer.WriteNumber("events"u8, entity.Types.Values.Sum(type => type.Count));
        writer.WriteStartObject("types"u8);
        foreach (var (name, type) in entity.Types)
        {
            writer.WriteStartObject(name);
            writer.WriteNumber("count"u8, type.Count);
            writer.WriteStartObject("latest"u8);
            WriteMembers(writer, type.Latest, isData: false);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (entity.Data is { } data)
        {
            writer.WriteStartObject("data"u8);
            WriteMembers(writer, data, isData: true);
            writer.WriteEndObject();
        }

        CloudEventJson.WriteOptional(writer, "countedSince"u8, entity.CountedSince);
        writer.WriteEndObject();
    }

    /// <summary>Writes one event of an entity's history.</summary>
    /// <param name="writer">Writes with a relaxed encoder.</param>
    /// <param name="link">The event.</param>
    public static void Write(Utf8JsonWriter writer, EntityLink link)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(link);
        writer.WriteStartObject();
        writer.WriteString("type"u8, link.Type);
        WriteMembers(writer, link, isData: false);
        writer.WriteEndObject();
    }

    private static void WriteMembers(Utf8JsonWriter writer, EntityLink link, bool isData)
    {
        writer.WriteString("id"u8, link.EventId);
        writer.WriteString("time"u8, link.Time);
        writer.WriteString("recordedAt"u8, link.RecordedAt);
        if (link.Deletion)
        {
            writer.WriteBoolean("deletion"u8, true);
        }

        if (isData)
        {
            writer.WriteNumber("run"u8, link.Run!.Value);
        }

        writer.WriteString("href"u8, isData ? EventPath.ForData(link.Key) : EventPath.ForRecord(link.Key));
    }
}
