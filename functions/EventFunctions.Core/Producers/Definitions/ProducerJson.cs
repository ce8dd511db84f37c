using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using static EventFunctions.Definitions.OptionalMembers;

namespace EventFunctions.Producers.Definitions;

/// <summary>
/// Writes a producer as its definition: the same text for the same producer, with properties in the order of the documentation and without
/// defaults.
/// </summary>
public static class ProducerJson
{
    /// <summary>Writes a producer's definition.</summary>
    /// <param name="producer">The producer.</param>
    /// <returns>JSON in UTF-8.</returns>
    public static ReadOnlyMemory<byte> Write(Producer producer) => JsonObjectBytes.WriteValue(writer => Write(writer, producer));

    /// <summary>Writes a producer's definition as one JSON object.</summary>
    /// <param name="writer">Gets the object.</param>
    /// <param name="producer">The producer.</param>
    public static void Write(Utf8JsonWriter writer, Producer producer)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(producer);
        writer.WriteStartObject();
        writer.WriteString("name"u8, producer.Name);
        writer.WriteString("source"u8, producer.Source);
        WriteText(writer, "preset", producer.Preset);
        WriteData(writer, producer.Data);
        WriteTypes(writer, producer.Types);
        if (producer.Entities is { } entities)
        {
            writer.WriteBoolean("entities"u8, entities);
        }

        WriteFeed(writer, producer);
        var preset = producer.Preset is null ? null : MessagePreset.Find(producer.Preset);
        WritePart(writer, "messages", preset?.Messages, producer.Messages, MessageJson.Write);
        WritePart(writer, "verification", preset?.Verification, producer.Verification, VerificationJson.Write);
        WriteTexts(writer, "callers", producer.Callers);
        if (producer.EventsPerMinute is not null)
        {
            writer.WriteStartObject("quota"u8);
            WriteNumber(writer, "eventsPerMinute", producer.EventsPerMinute);
            writer.WriteEndObject();
        }

        if (producer.Retention is { RecordDays: not null } or { DataDays: not null })
        {
            writer.WriteStartObject("retention"u8);
            WriteNumber(writer, "recordDays", producer.Retention.RecordDays);
            WriteNumber(writer, "dataDays", producer.Retention.DataDays);
            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    /// <summary>JSON without white space between its tokens, numbers digit for digit.</summary>
    internal static string Compact(JsonElement json) => Encoding.UTF8.GetString(JsonObjectBytes.WriteValue(json.WriteTo).Span);

    // What the preset says as well is left to it.
    private static void WritePart<T>(Utf8JsonWriter writer, string name, JsonElement? preset, T? value, Action<Utf8JsonWriter, T> write)
        where T : class
    {
        if (value is null)
        {
            return;
        }

        if (preset is not { } given)
        {
            writer.WritePropertyName(name);
            write(writer, value);
        }
        else if (PresetMerge.Difference(given, JsonElement.Parse(JsonObjectBytes.WriteValue(own => write(own, value)).Span)) is { Count: > 0 } difference)
        {
            writer.WritePropertyName(name);
            difference.WriteTo(writer);
        }
    }

    private static void WriteData(Utf8JsonWriter writer, ProducerData? data)
    {
        if (data is null)
        {
            return;
        }

        var defaults = new ProducerData { BaseUrl = data.BaseUrl };
        writer.WriteStartObject("data"u8);
        writer.WriteString("baseUrl"u8, data.BaseUrl.OriginalString);
        WriteText(writer, "template", data.Template);
        if (data.Auth != defaults.Auth)
        {
            writer.WriteStartObject("auth"u8);
            WriteText(writer, "kind", Name(data.Auth.Kind));
            WriteText(writer, "header", data.Auth.Header);
            WriteText(writer, "secret", data.Auth.Secret);
            WriteText(writer, "scope", data.Auth.Scope);
            writer.WriteEndObject();
        }

        WriteDuration(writer, "timeout", data.Timeout == defaults.Timeout ? null : data.Timeout);
        WriteNumber(writer, "maxBytes", data.MaxBytes == defaults.MaxBytes ? null : data.MaxBytes);
        writer.WriteEndObject();
    }

    private static void WriteTypes(Utf8JsonWriter writer, ImmutableSortedDictionary<string, ProducerType> types)
    {
        if (types.IsEmpty)
        {
            return;
        }

        writer.WriteStartObject("types"u8);
        foreach (var (name, type) in types)
        {
            writer.WriteStartObject(name);
            WriteTexts(writer, "entity", type.Entity);
            WriteRaw(writer, "schema", type.Schema);
            WriteRaw(writer, "dataSchema", type.DataSchema);
            WriteFilters(writer, "publish", type.Publish);
            WriteFilters(writer, "enrich", type.Enrich);
            if (type.Changes)
            {
                writer.WriteBoolean("changes"u8, true);
            }

            WriteDuration(writer, "expectEvery", type.ExpectEvery);
            if (type.ExpectPerEntity)
            {
                writer.WriteBoolean("expectPerEntity"u8, true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteFilters(Utf8JsonWriter writer, string name, AdvancedFilters filters)
    {
        if (!filters.Filters.IsEmpty)
        {
            writer.WritePropertyName(name);
            FilterJson.Write(writer, filters);
        }
    }

    private static void WriteFeed(Utf8JsonWriter writer, Producer producer)
    {
        if (producer is not { Feed: { } feed, Data: { } data })
        {
            return;
        }

        // It lies under the base URL. A colon in the first segment would look like a scheme's (RFC 3986 §4.2).
        var url = feed.Url.AbsoluteUri[data.BaseUrl.AbsoluteUri.Length..];
        writer.WriteStartObject("feed"u8);
        writer.WriteString("url"u8, url.Length == 0 || url[0] is '/' or '?' || url.Split('/', '?')[0].Contains(':', StringComparison.Ordinal) ? "./" + url : url);
        writer.WriteString("schedule"u8, feed.Schedule);
        if (feed.Format != FeedFormat.Json)
        {
            writer.WriteString("format"u8, feed.Format == FeedFormat.Atom ? "atom" : "rss");
        }

        WriteText(writer, "type", feed.Type);
        WriteText(writer, "items", feed.Items);
        if (feed.NumericIds)
        {
            writer.WriteBoolean("numericIds"u8, true);
        }

        if (feed.IncludesLast)
        {
            writer.WriteBoolean("includesLast"u8, true);
        }

        writer.WriteEndObject();
    }

    // The names of values in JSON are camelCase everywhere.
    internal static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
