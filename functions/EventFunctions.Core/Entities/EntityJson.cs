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
    /// <param name="since">Since when its events are counted; null leaves it out.</param>
    public static void Write(Utf8JsonWriter writer, EntitySummary entity, string? since = null)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(entity);
        writer.WriteStartObject();
        writer.WriteString("source"u8, entity.Source);
        writer.WriteString("subject"u8, entity.Subject);
        writer.WriteString("firstSeen"u8, entity.FirstSeen);
        writer.WriteString("lastSeen"u8, entity.LastSeen);
        writer.WriteNumber("events"u8, entity.Counts.Values.Sum());
        writer.WriteStartObject("types"u8);
        foreach (var (type, latest) in entity.Latest)
        {
            writer.WriteStartObject(type);
            writer.WriteNumber("count"u8, entity.Counts.GetValueOrDefault(type));
            writer.WritePropertyName("latest"u8);
            Write(writer, entity.Source, latest);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        if (entity.Data is { } data)
        {
            writer.WritePropertyName("data"u8);
            Write(writer, entity.Source, data);
        }

        CloudEventJson.WriteOptional(writer, "countedSince"u8, since);
        writer.WriteEndObject();
    }

    /// <summary>Writes one event of an entity's history.</summary>
    /// <param name="writer">Writes with a relaxed encoder.</param>
    /// <param name="source">The entity's source.</param>
    /// <param name="link">The event.</param>
    public static void Write(Utf8JsonWriter writer, string source, ProjectedLink link)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(link);
        writer.WriteStartObject();
        writer.WriteString("id"u8, link.EventId);
        writer.WriteString("type"u8, link.Type);
        writer.WriteString("time"u8, link.Time);
        writer.WriteString("recordedAt"u8, link.RecordedAt);
        writer.WriteString("href"u8, EventPath.ForRecord(new EventKey(source, link.EventId)));
        writer.WriteEndObject();
    }

    /// <summary>Writes how the generations stand.</summary>
    /// <param name="writer">Writes with a relaxed encoder.</param>
    /// <param name="state">The state.</param>
    public static void Write(Utf8JsonWriter writer, EntityGenerations state)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(state);
        writer.WriteStartObject();
        writer.WriteNumber("generation"u8, state.Current);
        writer.WriteString("countedSince"u8, state.Since);
        if (state.Rebuild is { } rebuild)
        {
            writer.WriteStartObject("rebuild"u8);
            writer.WriteNumber("generation"u8, rebuild.Generation);
            writer.WriteString("phase"u8, JsonNamingPolicy.CamelCase.ConvertName(rebuild.Phase.ToString()));
            writer.WriteString("startedAt"u8, rebuild.StartedAt);
            CloudEventJson.WriteOptional(writer, "switchedAt"u8, rebuild.SwitchedAt);
            writer.WriteNumber("changesRead"u8, rebuild.Read);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, string source, EntityEvent one)
    {
        writer.WriteStartObject();
        writer.WriteString("id"u8, one.Id);
        writer.WriteString("time"u8, one.Time);
        writer.WriteString("recordedAt"u8, one.RecordedAt);
        if (one.Run is { } run)
        {
            writer.WriteNumber("run"u8, run);
        }

        var key = new EventKey(source, one.Id);
        writer.WriteString("href"u8, one.Run is null ? EventPath.ForRecord(key) : EventPath.ForData(key));
        writer.WriteEndObject();
    }
}
