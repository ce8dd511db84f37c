using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Intake.Refusals;
using EventFunctions.Publication;
using static EventFunctions.Fuzzing.FuzzTarget;

namespace EventFunctions.Fuzzing.Targets;

/// <summary>Readers of events and of the values in them.</summary>
internal static class EventTargets
{
    private const string Event = """
        {"specversion":"1.0","id":"1","source":"/a","type":"t","subject":"s","time":"2026-12-31T23:59:60.5Z","datacontenttype":"application/json","dataschema":"https://a/b","dataref":"x/1","ext":1,"flag":true,"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01","data":{"a":[1,1.0,1e2,{"b":"\u00e9"}]}}
        """;

    private const int ForSeveralReadings = 150;

    private const string Binary = """{"specversion":"1.0","id":"2","source":"urn:b","type":"t","data_base64":"AAECAw==","datacontenttype":"image/png"}""";

    private const string Text = """{"specversion":"1.0","id":"3","source":"c?d#e","type":"t","datacontenttype":"text/plain;charset=\"utf-8\"","data":"text"}""";

    public static IEnumerable<FuzzTarget> All { get; } =
    [
        new("events", input => Read(EventReader.ReadJson(ContentMode.Structured, input)), Event, Binary, Text),
        new("events-plain", input => Read(EventReader.ReadJson(ContentMode.Plain, input)), Event, """{"id":"1","source":"/a","type":"t"}"""),
        new("events-batch", input => Read(EventReader.ReadJson(ContentMode.Batch, input)), $"[{Event},{Binary}]", $"[{Text}]", "[]"),
        new("events-binary", ReadBinary, "ce-id: 1\nce-source: /a\nce-type: t\nce-specversion: 1.0\nce-time: 2026-01-01T00:00:00Z\nce-ext: %C3%A9 x\ncontent-type: application/json" + Then + "{\"a\":1}"),
        new("events-apart", input => [$"{ReceivedItem.Split(input)?.Count > 0}{ReceivedItem.Split(input, numericIds: true)?.Count}"], $"[{Event},{Binary},7,\"x\"]", "[{\"id\":12}]", "[{\"\\uDCda\":1,\"id\":\"1\"}]") { RefusedBy = [typeof(JsonException)] },
        new("times", ReadTime, "2026-12-31T23:59:60Z", "2026-01-31t08:30:00.123456789z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59.9999999-14:00"),
        new("media-types", ReadMediaType, "application/json; charset=utf-8", "text/plain;a=\"b\\\"c\";charset=\"UTF-8\"") { AllocationPerByte = ForSeveralReadings },
        new("references", ReadReference, "https://user@a.example:8080/b/../c?d#e", "//[::1]/", "urn:a:b", "../x/%7E1"),
        new("canonical-json", ReadCanonical, """{"b":[1.50,-0,1e400,"\u0041"],"a":{"c":null}}""", "1E+2"),
        new("fetched-data", ReadData, "application/json; charset=utf-8" + Then + "{\"a\":[1]}", "text/plain; charset=iso-8859-1" + Then + "ü", "image/png" + Then + "x"),
        new("changes", ReadChanges, """{"a":[1,2,3],"b":{"c":1.0}}""" + Then + """{"a":[1,3],"b":{"c":1,"d~/":"é"}}""", """{"a":["",1e9999999993]}""" + Then + """{"a":[3,1e9999999993]}"""),
    ];

    private static IEnumerable<string> Read(EventReading reading)
    {
        foreach (var read in reading.Events)
        {
            // What is accepted can be identified, published, and read back as the same event.
            var fingerprint = Fingerprint.Of(read);
            var encoded = EventEncoder.Encode(read, run: 0);
            if (Irregularities.Of(read).Count == 0)
            {
                var again = EventReader.ReadJson(ContentMode.Structured, encoded.Span);
                BrokenPromiseException.ThrowUnless(again.Errors.Count == 0, $"A published event is a CloudEvent: {string.Join(' ', again.Errors)}");
                BrokenPromiseException.ThrowUnless(Fingerprint.Of(again.Events[0]) == fingerprint, "A published event has the fingerprint of the accepted one.");
            }
        }

        return reading.Errors.Select(error => error.Detail).Append($"{reading.Events.Count > 0} {reading.Events.Any(read => read.Data is null)}");
    }

    private static IEnumerable<string> ReadBinary(byte[] input)
    {
        var (head, body) = Split(input);
        var headers = Text(head).Split('\n').Select(line => line.Split(": ", 2)).Where(parts => parts.Length == 2).Select(parts => KeyValuePair.Create(parts[0], parts[1])).ToList();
        return Read(EventReader.ReadBinary(
            headers.Where(header => header.Key.StartsWith("ce-", StringComparison.OrdinalIgnoreCase)), headers.Find(header => header.Key == "content-type").Value, body));
    }

    private static IEnumerable<string> ReadTime(byte[] input)
    {
        if (EventTime.TryParse(Text(input)) is not { } time)
        {
            return ["none"];
        }

        var regular = EventTime.TryParse(time.Regular);
        BrokenPromiseException.ThrowUnless(regular is { IsRegular: true } && regular.Instant == time.Instant && regular.Canonical == time.Canonical, "The regular spelling is the same time.");
        return [time.IsRegular.ToString()];
    }

    private static IEnumerable<string> ReadMediaType(byte[] input)
    {
        EventReader.ModeOf(Text(input), hasAttributeHeaders: false);
        if (MediaType.TryParse(Text(input)) is not { } type)
        {
            return ["none"];
        }

        var canonical = type.Canonical(withCharset: true);
        BrokenPromiseException.ThrowUnless(MediaType.TryParse(canonical)?.Canonical(withCharset: true) == canonical, "A canonical media type is its own canonical form.");
        return [$"{type.IsJson} {type.IsText} {type.Charset is null}"];
    }

    private static IEnumerable<string> ReadReference(byte[] input)
    {
        var text = Text(input);
        var isReference = UriSyntax.IsReference(text);
        BrokenPromiseException.ThrowUnless(isReference || !UriSyntax.IsAbsolute(text), "An absolute URI is a reference.");
        return [$"{isReference} {UriSyntax.IsAbsolute(text)} {AttributeRules.CheckSyntax("source", text)}"];
    }

    private static IEnumerable<string> ReadCanonical(byte[] input)
    {
        try
        {
            var canonical = new System.Buffers.ArrayBufferWriter<byte>();
            CanonicalJson.Write(input, canonical);
            var again = new System.Buffers.ArrayBufferWriter<byte>();
            CanonicalJson.Write(canonical.WrittenSpan, again);
            BrokenPromiseException.ThrowUnless(canonical.WrittenSpan.SequenceEqual(again.WrittenSpan), "Canonical JSON is its own canonical form.");
            return ["read"];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [e.GetType().Name];
        }
    }

    private static IEnumerable<string> ReadData(byte[] input)
    {
        var (type, body) = Split(input);
        try
        {
            return [DataContent.Of(Text(type), body).Kind.ToString()];
        }
        catch (Producers.FetchException e)
        {
            return [e.Message];
        }
    }

    private static IEnumerable<string> ReadChanges(byte[] input)
    {
        var (before, after) = Split(input);
        try
        {
            using var old = JsonDocument.Parse(before);
            using var @new = JsonDocument.Parse(after);
            return [JsonPatchDiff.Compute(old.RootElement, @new.RootElement, maxBytes: 100_000) is { } patch ? Encoding.UTF8.GetString(patch.Span) : "too large"];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return [e.GetType().Name];
        }
    }
}
