using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Administration;

/// <summary>Writes entries of the log of administration as the API shows them.</summary>
public static class AdministrationJson
{
    /// <summary>Writes an entry as a JSON object.</summary>
    /// <param name="writer">Writes with a relaxed encoder, so that text stays readable.</param>
    /// <param name="entry">The entry.</param>
    public static void Write(Utf8JsonWriter writer, AdministrationEntry entry)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(entry);
        writer.WriteStartObject();
        writer.WriteString("id"u8, entry.Id);
        writer.WriteString("at"u8, UtcMilliseconds.Text(entry.At));
        writer.WriteString("by"u8, entry.By);
        writer.WriteString("action"u8, entry.Action);
        writer.WriteString("object"u8, entry.Object);
        CloudEventJson.WriteOptional(writer, "name"u8, entry.Name);
        CloudEventJson.WriteOptional(writer, "source"u8, entry.Source);
        CloudEventJson.WriteOptional(writer, "etagBefore"u8, entry.ETagBefore);
        CloudEventJson.WriteOptional(writer, "etagAfter"u8, entry.ETagAfter);
        CloudEventJson.WriteOptional(writer, "job"u8, entry.Job);
        writer.WriteString("outcome"u8, JsonNamingPolicy.CamelCase.ConvertName(entry.Outcome.ToString()));
        writer.WriteEndObject();
    }
}
