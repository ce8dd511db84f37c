using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Http;
using EventFunctions.Local.EventGrid;
using EventFunctions.Producers.Keys;
using EventFunctions.Publication.DeadLetters;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Schemas;
using EventFunctions.Schemas.Patterns;
using EventFunctions.Storage;
using EventFunctions.Streams;
using EventFunctions.Webhooks.Deliveries;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using static EventFunctions.Fuzzing.FuzzTarget;

namespace EventFunctions.Fuzzing.Targets;

/// <summary>Readers of filters, schemas, queries, cursors, dead letters and topics.</summary>
internal static class QueryTargets
{
    private const int ForSeveralReadings = 150;

    // 4,000 instructions, and what is compared with them.
    private const int ForLargestPattern = 1024 * 1024;

    private const string Filters = """
        [{"operatorType":"NumberInRange","key":"data.a","values":[[1,2.50],[7,1e400]]},{"operatorType":"StringNotContains","key":"subject","values":["a","ä"]},{"operatorType":"BoolEquals","key":"data.b.c","value":true},{"operatorType":"IsNullOrUndefined","key":"data"}]
        """;

    private const string Topics = """
        {"topics":[{"name":"topic","keys":{"key1":"k"},"eventSubscriptions":[{"name":"s","properties":{"destination":{"endpointType":"WebHook","properties":{"endpointUrl":"https://a.example/x","deliveryAttributeMappings":[{"name":"x","type":"Static","properties":{"value":"v"}}]}},"filter":{"subjectBeginsWith":"a","includedEventTypes":["t"],"advancedFilters":[{"operatorType":"StringIn","key":"data.x","values":["y"]}]},"retryPolicy":{"maxDeliveryAttempts":3,"eventTimeToLiveInMinutes":10}}}]}]}
        """;

    private const string Template = """
        {"parameters":{"n":{"defaultValue":"topic"}},"resources":[{"type":"Microsoft.EventGrid/topics","name":"[parameters('n')]","properties":{}},{"type":"Microsoft.EventGrid/topics/eventSubscriptions","name":"[concat(parameters('n'), '/s')]","properties":{"destination":{"endpointType":"WebHook","properties":{"endpointUrl":"https://a.example"}}}}]}
        """;

    private const string Letter = """
        [{"id":"1","source":"/a","type":"t.enriched","specversion":"1.0","replay":"2","data":{},"deadletterreason":"MaxDeliveryAttemptsExceeded","deliveryattempts":3,"lastdeliveryoutcome":"NotFound","publishtime":"2026-01-01T00:00:00Z","lastdeliveryattempttime":"2026-01-01T00:00:01.123Z"},{"id":"2","topic":"/a","eventType":"t","deadLetterReason":"x","publishTime":"2026-01-01"}]
        """;

    private static readonly ContinuationToken Tokens = new(Options.Create(new ApiOptions { ContinuationKey = Convert.ToBase64String(new byte[32]) }));
    private static readonly ChangeCursor Cursors = new(Tokens);
    private static readonly EventNotification Event = new()
    {
        Id = "1",
        Source = "/a",
        Type = "t",
        Subject = "Ästhetik",
        Data = EventContent.FromJson("""{"a":1.5,"b":{"c":true},"d":[1,"2",null]}"""),
    };

    public static IEnumerable<FuzzTarget> All { get; } =
    [
        new("filters", ReadFilters, Filters, Filters.Trim() + Then + """{"a":1.5,"b":{"c":true},"d":[1,"2",null],"x":"\u00e9"}""", Filters.Trim() + Then + """{"\ud800":1,"a":"\ud800","b":{"c":["\ud800"]}}""",
            """[{"operatorType":"NumberIn","key":"data.d","values":[1,12345678901234567890]}]"""),
        new("schemas", ReadSchema,
            """{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","required":["a"],"properties":{"a":{"type":["integer","null"],"multipleOf":0.01,"maximum":1e3}},"patternProperties":{"^x-":{"pattern":"^[a-z]{2,4}$"}},"additionalProperties":false}""" + Then + """{"a":1.10,"x-y":"abc"}""",
            """{"$defs":{"n":{"anyOf":[{"$ref":"#/$defs/n"},{"const":1}]}},"items":{"$ref":"#/$defs/n"},"uniqueItems":true,"contains":{"enum":[1,"a"]},"minContains":1,"prefixItems":[true]}""" + Then + "[1,1.0,\"a\"]") { AllocationForAny = ForLargestPattern },
        new("patterns", ReadPattern, "^(a|b)*[^c-f]\\d{2,5}\\p{Lu}$" + Then + "ababx123Ä", "(?:x+x+)+y" + Then + "xxxxxxxxxxxxxxxxxxxx", "\\u{1F600}|[\\s\\S]?" + Then + "😀") { AllocationForAny = ForLargestPattern },
        new("cursors", ReadCursor, Tokens.Protect(["x"], "{}"), Cursors.Protect("12"), Cursors.Protect(new string('x', 400)), new DocumentPosition(null, "a", "b").ToString()),
        new("protected-cursors", input => [Cursors.Unprotect(Cursors.Protect("c" + Text(input))) == "c" + Text(input) ? "same" : throw new BrokenPromiseException("A cursor is read back.")], "12", new string('y', 300)) { AllocationPerByte = ForSeveralReadings },
        new("queries", ReadQuery, "?status=completed,failed&source=%2Fa&from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00%2B01:00&dismissed=true&limit=10"),
        new("preconditions", ReadPrecondition, "\"1\", W/\"2\"" + Then + "*", "W/\t\t"),
        new("event-paths", input => [$"{EventPath.FromSegment(Text(input)) is { } id && EventPath.FromSegment(EventPath.ToSegment(id)) == id}"], "~YS9i", "a b", "~"),
        new("producer-key-texts", input => [$"{ProducerKeyText.Parse(Text(input)) is null} {ProducerKeyText.IsId(Text(input))}"], "efp_policies_0123456789ab_" + new string('a', 64)),
        new("delivery-messages", input => [$"{DeliveryMessage.Read(Text(input)) is null}"], """{"webhook":"w","id":"1","dueAt":1}"""),
        new("dead-letters", ReadDeadLetters, Letter, "[]"),
        new("responses", ReadResponse, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n" + Then + "ab", "HTTP/1.1 100 Continue\n\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n" + Then + "\r\n0\r\n\r\n", string.Concat(Enumerable.Repeat("\n\r\r", 5_000))),
        new("topics", ReadTopics, Topics, Template, """{"topics":[{"\uDC0b":[""]}]}""", """{"topics":[{"eventSubscriptions":[{"properties":{"destination":"x","deliveryWithResourceIdentity":"y"}}]}]}""",
            """{"parameters":{"n":""},"resources":[{"name":"[parameters('n')]","a":{"b":[[[[[[[[[[[[]]]]]]]]]]]]}}]}""", "[" + """{"name":"t","id":"/x/topics/topic","type":"Microsoft.EventGrid/topics"}""" + "]"),
        new("published-events", ReadPublished,
            """[{"id":"1","eventType":"t","subject":"s","eventTime":"2026-01-01T00:00:00Z","dataVersion":"1","data":{},"topic":"t"}]""",
            """{"specversion":"1.0","id":"1","source":"/a","type":"t","data":{"x":[1]},"ext":"e"}"""),
    ];

    private static IEnumerable<string> ReadFilters(byte[] input)
    {
        try
        {
            var (definition, data) = Split(input);
            using var json = JsonDocument.Parse(definition, new JsonDocumentOptions { AllowDuplicateProperties = false });
            if (data.Length > 0)
            {
                using var _ = JsonDocument.Parse(data);
            }

            var view = new NotificationFilterView(Event with { Data = data.Length > 0 ? new EventContent(ContentKind.Json, data) : Event.Data });
            var errors = new List<FilterError>();
            var filters = AdvancedFilters.Parse(json.RootElement, onArrays: true, "", errors);
            if (errors.Count > 0)
            {
                return errors.Select(error => error.Detail);
            }

            var mismatch = filters.FirstMismatch(view);
            var written = new System.Buffers.ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(written))
            {
                FilterJson.Write(writer, filters);
            }

            using var again = JsonDocument.Parse(written.WrittenMemory);
            var reread = AdvancedFilters.Parse(again.RootElement, onArrays: true, "", errors);
            BrokenPromiseException.ThrowUnless(errors.Count == 0 && reread.FirstMismatch(view) == mismatch, "Filters are written as they were read.");
            return [mismatch.ToString(System.Globalization.CultureInfo.InvariantCulture) + string.Concat(filters.Filters.Select(filter => filter.Operator))];
        }
        catch (Exception e) when (e is JsonException || !IsUnicode(input))
        {
            // Definitions are read strictly before their filters are.
            return ["not JSON"];
        }
    }

    private static bool IsUnicode(byte[] input)
    {
        var errors = new ErrorList();
        return JsonContent.Read(Split(input).First, new JsonPath(), errors) is not null;
    }

    private static IEnumerable<string> ReadSchema(byte[] input)
    {
        var (schema, payload) = Split(input);
        var text = Text(schema);
        var errors = JsonSchemas.Check(text);
        if (errors.Count > 0)
        {
            return errors.Select(error => error.Detail);
        }

        try
        {
            return new JsonSchemas().Validate(text, new EventContent(ContentKind.Json, payload)).Select(error => error.Detail);
        }
        catch (JsonException)
        {
            return ["not JSON"];
        }
    }

    private static IEnumerable<string> ReadPattern(byte[] input)
    {
        var (pattern, text) = Split(input);
        try
        {
            return [new SchemaRun(SchemaBudget.PerPayload).Matches(PatternProgram.Compile(Text(pattern)), Text(text)).ToString()];
        }
        catch (FormatException e)
        {
            return [e.Message];
        }
        catch (SchemaCostException)
        {
            return ["too much"];
        }
    }

    private static IEnumerable<string> ReadCursor(byte[] input)
    {
        var text = Text(input);
        try
        {
            DocumentPosition.Of(new DocumentQuery(DocumentContainer.State) { Continuation = text });
        }
        catch (InvalidContinuationException)
        {
        }

        return [$"{Tokens.Unprotect(["x"], text)} {Cursors.Unprotect(text)}"];
    }

    private static IEnumerable<string> ReadQuery(byte[] input)
    {
        var query = new QueryParameters(new QueryCollection(QueryHelpers.ParseQuery(Text(input))), [.. EventFilterParameters.Names, "limit"]);
        EventFilterParameters.Read(query);
        query.Number("limit", 1, 1_000);
        return query.Problem?.Parameters?.Select(wrong => wrong.Value) ?? ["read"];
    }

    private static IEnumerable<string> ReadPrecondition(byte[] input)
    {
        var (match, noneMatch) = Split(input);
        var request = new DefaultHttpContext().Request;
        request.Headers.IfMatch = Text(match);
        request.Headers.IfNoneMatch = Text(noneMatch);
        return [$"{PreconditionHeaders.TryRead(request, out var read, out _)} {read?.IfMatch?.Length} {read?.IfNoneMatch?.Length}"];
    }

    private static IEnumerable<string> ReadDeadLetters(byte[] input)
    {
        var reader = new DeadLetterReader(new MemoryStream(input), maxBytes: 1_000_000);
        var said = new List<string>();
        foreach (var letter in reader.ReadAsync(CancellationToken.None).ToBlockingEnumerable())
        {
            said.Add(letter is null ? "none" : $"{letter.IsEnriched} {letter.Outcome is null} {letter.TraceId is null} {letter.Detail.Length > 200}");
        }

        return said.Append($"{reader.Problem is null}");
    }

    private static IEnumerable<string> ReadResponse(byte[] input)
    {
        var (first, second) = Split(input);
        var framing = new ResponseFraming();
        try
        {
            framing.Take(first);
            framing.Take(second);
            return [$"{framing.Remaining is null}"];
        }
        catch (ResponseFramingException e)
        {
            return [e.Message];
        }
    }

    private static IEnumerable<string> ReadTopics(byte[] input)
    {
        try
        {
            var topics = GridConfiguration.Compile(new LocalEventGridOptions { Topics = TopicsFile.Parse(Text(input), "topics.json") });
            return [$"{topics.Length}"];
        }
        catch (GridConfigurationException e)
        {
            return [e.Message];
        }
    }

    private static List<string> ReadPublished(byte[] input)
    {
        var said = new List<string>();
        foreach (var (schema, form) in new[] { (EventSchema.CloudEvents, BodyForm.Single), (EventSchema.CloudEvents, BodyForm.Array), (EventSchema.EventGrid, BodyForm.Any) })
        {
            try
            {
                said.Add($"{EventParser.Parse(input, schema, form, "t").Count > 1}");
            }
            catch (RefusedPublicationException e)
            {
                said.Add(e.Message);
            }
        }

        return said;
    }
}
