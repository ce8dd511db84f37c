using System.Text.Json;
using static EventFunctions.Definitions.OptionalMembers;

namespace EventFunctions.Producers.Definitions;

/// <summary>Writes how a producer's own messages become events.</summary>
internal static class MessageJson
{
    /// <summary>Writes <c>messages</c>.</summary>
    public static void Write(Utf8JsonWriter writer, MessageMapping messages)
    {
        writer.WriteStartObject();
        WriteValue(writer, "id", messages.Id);
        WriteValue(writer, "type", messages.Type);
        WriteValue(writer, "subject", messages.Subject);
        WriteValue(writer, "time", messages.Time);
        WriteValue(writer, "dataref", messages.DataRef);
        if (!messages.Extensions.IsEmpty)
        {
            writer.WriteStartObject("extensions"u8);
            foreach (var (name, value) in messages.Extensions)
            {
                WriteValue(writer, name, value);
            }

            writer.WriteEndObject();
        }

        if (messages.Data != "")
        {
            writer.WriteString("data"u8, messages.Data);
        }

        WriteText(writer, "each", messages.Each);
        WriteText(writer, "form", messages.Form);
        WriteNumber(writer, "acceptedStatus", messages.AcceptedStatus == MessageMapping.DefaultAcceptedStatus ? null : messages.AcceptedStatus);
        WriteTexts(writer, "remove", messages.Remove);
        writer.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter writer, string name, MessageValue? value)
    {
        if (value is null)
        {
            return;
        }

        writer.WriteStartObject(name);
        WriteText(writer, "pointer", value.Pointer);
        WriteText(writer, "header", value.Header);
        WriteText(writer, "constant", value.Constant);
        WriteText(writer, "template", value.Template);
        WriteText(writer, "hash", value.Hash);
        WriteText(writer, "prefix", value.Prefix);
        WriteText(writer, "format", value.Format is { } format ? ProducerJson.Name(format) : null);
        WriteFlag(writer, "whole", value.Whole);
        WriteFlag(writer, "unsigned", value.Unsigned);
        writer.WriteEndObject();
    }

    private static void WriteFlag(Utf8JsonWriter writer, string name, bool flag)
    {
        if (flag)
        {
            writer.WriteBoolean(name, true);
        }
    }
}
