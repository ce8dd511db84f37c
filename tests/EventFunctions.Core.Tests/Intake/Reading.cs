using System.Text;
using EventFunctions.CloudEvents;

namespace EventFunctions.Tests.Intake;

/// <summary>Reads what tests write as text.</summary>
internal static class Reading
{
    public const string Minimal = """{"specversion":"1.0","id":"1","source":"/insurance/policies","type":"policy.renewed"}""";

    public static EventReading Json(ContentMode mode, string json) => EventReader.ReadJson(mode, Encoding.UTF8.GetBytes(json));

    public static EventReading Structured(string json) => Json(ContentMode.Structured, json);

    public static EventReading Batch(string json) => Json(ContentMode.Batch, json);

    /// <summary>The minimal event with more members.</summary>
    public static EventReading With(string members) => Structured(WithText(members));

    public static string WithText(string members) => Minimal[..^1] + "," + members + "}";

    /// <summary>The minimal event with one member replaced.</summary>
    public static EventReading Replacing(string name, string value)
    {
        var members = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["specversion"] = "\"1.0\"",
            ["id"] = "\"1\"",
            ["source"] = "\"/s\"",
            ["type"] = "\"t\"",
            [name] = value,
        };
        return Structured("{" + string.Join(',', members.Select(member => $"\"{member.Key}\":{member.Value}")) + "}");
    }

    public static EventReading Binary(string? contentType, string body, params (string Name, string Value)[] headers) =>
        BinaryBytes(contentType, Encoding.UTF8.GetBytes(body), headers);

    public static EventReading BinaryBytes(string? contentType, byte[] body, params (string Name, string Value)[] headers) =>
        EventReader.ReadBinary(
            [
                new("ce-specversion", "1.0"),
                new("ce-id", "1"),
                new("ce-source", "/insurance/policies"),
                new("ce-type", "policy.renewed"),
                .. headers.Select(header => KeyValuePair.Create(header.Name, header.Value)),
            ],
            contentType,
            body);

    public static EventNotification Event(EventReading reading)
    {
        Assert.Empty(reading.Errors);
        return Assert.Single(reading.Events);
    }

    public static EventError Error(EventReading reading)
    {
        Assert.Empty(reading.Events);
        return Assert.Single(reading.Errors);
    }

    public static string Text(EventContent? content) => Encoding.UTF8.GetString(content!.Bytes.Span);
}
