using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Enrichment;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Schemas;
using NSubstitute;

namespace EventFunctions.Tests.Producers;

public sealed class ProducerReaderTests
{
    private const string Caller = "3f2504e0-4f89-41d3-9a0c-0305e82c3301";

    private const string Whole = """
        {
          "name": "policies",
          "source": "/insurance/policies",
          "data": { "baseUrl": "https://policies.example.com/api/", "template": "policies/{subject}?event={id}",
                    "auth": { "kind": "header", "header": "x-api-key", "secret": "POLICIES_API_KEY" },
                    "timeout": "00:00:07", "maxBytes": 1400000 },
          "types": {
            "policy.cancelled": {},
            "policy.renewed": {
              "entity": ["/policy/number", "/a~1b/~0"],
              "schema": {"type":"object","properties":{"amount":{"maximum":123456789012345678901234567890.10}}},
              "dataSchema": true,
              "publish": [ { "operatorType": "NumberInRange", "key": "data.amount", "values": [[1, 2.50], [7, 1e400]] },
                           { "operatorType": "NumberIn", "key": "data.n", "values": [1, 12345678901234567890123456789012345678901234567890] },
                           { "operatorType": "NumberLessThan", "key": "data.n", "value": -3 },
                           { "operatorType": "BoolEquals", "key": "data.live", "value": true },
                           { "operatorType": "StringNotIn", "key": "subject", "values": ["a\"b", "ä"] } ],
              "enrich": [ { "operatorType": "IsNotNull", "key": "dataref" } ],
              "changes": true,
              "expectEvery": "1.01:00:00",
              "expectPerEntity": true
            }
          },
          "entities": true,
          "feed": { "url": "events?x=1", "schedule": "0 */5 * * * *" },
          "messages": {
            "id": { "template": "{header:webhook-id}:{/Event_Type}" },
            "type": { "pointer": "/Event_Type", "prefix": "policy." },
            "subject": { "header": "X-Policy", "unsigned": true },
            "time": { "pointer": "/Event_Time", "format": "milliseconds", "whole": true },
            "dataref": { "pointer": "/Link" },
            "extensions": { "channel": { "constant": "web" }, "requestkey": { "pointer": "/Source_Req_Key" } },
            "data": null,
            "each": "/events",
            "form": "payload",
            "acceptedStatus": 200,
            "remove": ["/Api_Key"]
          },
          "verification": { "kind": "hmac", "header": "webhook-signature", "prefix": "v1,", "encoding": "base64", "separator": " ",
                            "algorithm": "sha512", "signedContent": "{url}{header:webhook-id}.{timestamp}.{body}",
                            "timestamp": { "header": "webhook-timestamp", "format": "rfc3339" }, "tolerance": "00:10:00", "url": "https://e/x",
                            "secretEncoding": "base64", "secrets": ["NEW", "OLD"],
                            "challenge": { "query": "hub.challenge", "method": "GET", "tokenQuery": "hub.verify_token" }, "challengeSecrets": ["TOKEN"] },
          "quota": { "eventsPerMinute": 600 },
          "retention": { "recordDays": 30, "dataDays": 7 }
        }
        """;

    private static (Producer? Producer, IReadOnlyList<EventError> Errors) Read(string json, string? name = null, ISchemaCompiler? schemas = null)
    {
        var producer = new ProducerReader(schemas ?? Substitute.For<ISchemaCompiler>()).Read(Encoding.UTF8.GetBytes(json), name, out var errors);
        Assert.Equal(producer is null, errors.Count > 0);
        return (producer, errors);
    }

    private static string Written(Producer producer) => Encoding.UTF8.GetString(ProducerJson.Write(producer).Span);

    private static IEnumerable<string> ScopeErrors(string scope) =>
        Read($$$"""{"name":"p","source":"/s","data":{"baseUrl":"https://e/","auth":{"kind":"managedIdentity","scope":"{{{scope}}}" } } }""")
            .Errors.Select(error => error.Detail);

    private static IEnumerable<string> Pointers(string json, string? name = null) => Read(json, name).Errors.Select(error => error.Pointer);

    [Theory]
    [InlineData("""{}""", "x", false)]
    [InlineData("""{"x":{}}""", "x", false)]
    [InlineData("""{"x":{"entity":["/a"]}}""", "x", true)]
    [InlineData("""{"x":{"changes":true}}""", "x", true)]
    [InlineData("""{}""", "x", true, "true")]
    [InlineData("""{"x":{"entity":["/a"]}}""", "x", false, "false")]
    public void Events_make_entities_only_where_the_definition_says_so(string types, string type, bool makesEntities, string? entities = null)
    {
        var json = $$$"""{"name":"p","source":"/s","types":{{{types}}}{{{(entities is null ? "" : $",\"entities\":{entities}")}}}}""";

        Assert.Equal(makesEntities, Read(json).Producer!.MakesEntities(type));
    }

    [Fact]
    public void Changes_need_entities() =>
        Assert.Equal(["#/entities"], Pointers("""{"name":"p","source":"/s","entities":false,"types":{"x":{"changes":true}}}"""));

    [Fact]
    public void Everything_is_read()
    {
        var producer = Read(Whole).Producer!;

        var type = producer.Types["policy.renewed"];
        Assert.Equal(["/policy/number", "/a~1b/~0"], type.Entity);
        Assert.Equal("""{"type":"object","properties":{"amount":{"maximum":123456789012345678901234567890.10}}}""", type.Schema);
        Assert.Equal("true", type.DataSchema);
        Assert.Equal(5, type.Publish.Filters.Length);
        Assert.Equal("dataref", Assert.Single(type.Enrich.Filters).Key.Text);
        Assert.Equal(TimeSpan.FromHours(25), type.ExpectEvery);
        Assert.True(type.ExpectPerEntity);
        Assert.True(type.Changes);
        Assert.True(producer.Entities);
        Assert.Equal(new Uri("https://policies.example.com/api/events?x=1"), producer.Feed!.Url);
        Assert.Equal("0 */5 * * * *", producer.Feed.Schedule);
        Assert.Equal(new MessageValue { Pointer = "/Event_Type", Prefix = "policy." }, producer.Messages!.Type);
        Assert.Equal(new MessageValue { Constant = "web" }, producer.Messages.Extensions["channel"]);
        Assert.Null(producer.Messages.Data);
        Assert.Equal(["/Api_Key"], producer.Messages.Remove);
        var hmac = producer.Verification!.Signature!;
        Assert.Equal(["NEW", "OLD"], hmac.Secrets);
        Assert.Equal((SignatureEncoding.Base64, SecretEncoding.Base64), (hmac.Encoding, hmac.SecretEncoding));
        Assert.Equal(TimeSpan.FromMinutes(10), hmac.Tolerance);
        Assert.Equal(600, producer.EventsPerMinute);
        Assert.Equal(new ProducerRetention { RecordDays = 30, DataDays = 7 }, producer.Retention);
    }

    [Fact]
    public void Callers_are_the_same_in_either_case() => Assert.Contains(
        Caller, Read($$"""{ "name": "p", "source": "/s", "callers": ["{{Caller.ToUpperInvariant()}}"] }""").Producer!.Callers);

    [Fact]
    public void Callers_and_a_signature_are_refused_together_unless_they_were_accepted_once()
    {
        var both = $$"""{ "name": "p", "source": "/s", "verification": { "kind": "hmac", "header": "h", "secrets": ["S"] }, "callers": ["{{Caller}}"] }""";

        Assert.Equal(["#/callers"], Pointers(both));
        var stored = new ProducerReader(Substitute.For<ISchemaCompiler>()).ReadStored(Encoding.UTF8.GetBytes(both), "p", out _)!;
        Assert.Equal((VerificationKind.Hmac, Caller), (stored.Verification!.Kind, Assert.Single(stored.Callers)));
    }

    [Fact]
    public void Full_data_that_was_once_to_outlive_its_record_takes_no_producer_away()
    {
        const string longer = """{"name":"p","source":"/s","retention":{"recordDays":30,"dataDays":90}}""";
        var reader = new ProducerReader(Substitute.For<ISchemaCompiler>());

        Assert.Null(reader.Read(Encoding.UTF8.GetBytes(longer), "p", out var errors));
        Assert.Equal("#/retention/dataDays", Assert.Single(errors).Pointer);
        var stored = reader.ReadStored(Encoding.UTF8.GetBytes(longer), "p", out _)!;
        Assert.Equal(TimeSpan.FromDays(30), new EnrichmentOptions().Retention.DataTimeToLiveOf(stored));
    }

    [Fact]
    public void A_producer_is_written_back_as_what_made_it()
    {
        var written = Written(Read(Whole).Producer!);

        Assert.Equal(written, Written(Read(written).Producer!));
        Assert.Contains("123456789012345678901234567890.10", written, StringComparison.Ordinal);

        // A double holds what is too large for a decimal, and JSON has no infinity; apart from these two all is as it came.
        var expected = Whole
            .Replace("1e400", "1e999", StringComparison.Ordinal)
            .Replace("12345678901234567890123456789012345678901234567890", "1.2345678901234567E+49", StringComparison.Ordinal);
        using var made = JsonDocument.Parse(expected);
        Assert.Equal(ProducerJson.Compact(made.RootElement), written);
    }

    [Theory]
    [InlineData("""{"name":"p","source":"/s"}""")]
    [InlineData("""{"name":"p","source":"/s","data":{"baseUrl":"https://e/"},"feed":{"url":"./","schedule":"0 0 0 29 2 *"}}""")]
    [InlineData("""{"name":"p","source":"/s","data":{"baseUrl":"https://e/"},"feed":{"url":"./a:b","schedule":"0 0 0 29 2 *"}}""")]
    [InlineData("""{"name":"p","source":"/s","data":{"baseUrl":"https://e/a/"},"feed":{"url":"./?x","schedule":"* * * * * *"}}""")]
    [InlineData("""{"name":"p","source":"/s","data":{"baseUrl":"https://e/","auth":{"kind":"managedIdentity","scope":"api://x/.default"}}}""")]
    [InlineData("""{"name":"p","source":"/s","messages":{"id":{"pointer":"/id"},"type":{"constant":"t"}}}""")]
    [InlineData("""{"name":"p","source":"/s","verification":{"kind":"hmac","header":"x-hub-signature-256","prefix":"sha256=","secrets":["S"]}}""")]
    [InlineData("""{"name":"p","source":"/s","verification":{"kind":"entra"},"callers":["3f2504e0-4f89-41d3-9a0c-0305e82c3301"]}""")]
    [InlineData("""{"name":"p","source":"/s","data":{"baseUrl":"https://e/"},"feed":{"url":"events","schedule":"0 * * * * *","format":"atom","type":"t"}}""")]
    public void What_says_nothing_needless_comes_back_as_it_is(string json) => Assert.Equal(json, Written(Read(json).Producer!));

    [Theory]
    [InlineData("https://management.azure.com/.default", "management.azure.com")]
    [InlineData("https://MANAGEMENT.core.windows.net//.default", "management.core.windows.net")]
    [InlineData("https://management.azure.com.:443/.default", "management.azure.com")]
    [InlineData("https://storage.azure.com/.default", "storage.azure.com")]
    [InlineData("https://events4711.blob.core.windows.net/.default", "events4711.blob.core.windows.net")]
    [InlineData("https://cosmos.azure.com/.default", "cosmos.azure.com")]
    [InlineData("https://events.documents.azure.com:443/.default", "events.documents.azure.com")]
    [InlineData("https://vault.azure.net/.default", "vault.azure.net")]
    [InlineData("https://eventgrid.azure.net/.default", "eventgrid.azure.net")]
    [InlineData("https://servicebus.azure.net/.default", "servicebus.azure.net")]
    [InlineData("https://graph.microsoft.com/.default", "graph.microsoft.com")]
    [InlineData("https://database.windows.net/.default", "database.windows.net")]
    [InlineData("https://monitor.azure.us/.default", "monitor.azure.us")]
    [InlineData("api://graph.microsoft.com/.default", "graph.microsoft.com")]
    public void No_token_is_fetched_for_a_service_of_Microsofts(string scope, string host) =>
        Assert.Equal([$"A token for {host} would open a service of Microsoft's. Name the scope of the producer's own application, such as \"api://policies/.default\"."], ScopeErrors(scope));

    [Theory]
    [InlineData("797f4846-ba00-4fd7-ba43-dac1f8f63013/.default")]
    [InlineData("spn:797f4846-ba00-4fd7-ba43-dac1f8f63013/.default")]
    [InlineData("https:management.azure.com/.default")]
    [InlineData("https://management%2eazure.com/.default")]
    [InlineData("https://policies.example.com@management.azure.com/.default")]
    [InlineData("http://policies.example.com/.default")]
    [InlineData("https://policies.example.com/")]
    [InlineData("https://policies.example.com/.default?x=/.default")]
    [InlineData("api://policies/.default https://management.azure.com/.default")]
    public void What_is_no_scope_of_an_application_is_refused(string scope) =>
        Assert.StartsWith("This kind of auth needs the scope of the producer's own application", Assert.Single(ScopeErrors(scope)), StringComparison.Ordinal);

    [Theory]
    [InlineData("api://7d1a0f5e-0000-0000-0000-000000000001/.default")]
    [InlineData("https://contoso.onmicrosoft.com/policies/.default")]
    [InlineData("https://policies.azurewebsites.net/.default")]
    [InlineData("https://notazure.com/.default")]
    public void A_scope_of_an_application_of_ones_own_is_taken(string scope) => Assert.Empty(ScopeErrors(scope));

    [Fact]
    public void What_has_its_default_is_left_out_when_written() =>
        Assert.Equal(
            """{"name":"p","source":"/s","data":{"baseUrl":"https://e/"},"types":{"t":{}},"messages":{"id":{"pointer":"/i"},"type":{"pointer":"/t"}},"verification":{"kind":"hmac","header":"h","secrets":["S"]}}""",
            Written(Read("""
                {"quota":{},"retention":{},"callers":[],"source":"/s","verification":{"secrets":["S"],"secretEncoding":"text","signedContent":"{body}","encoding":"hex","header":"h","kind":"hmac"},
                 "messages":{"data":"","type":{"pointer":"/t"},"id":{"pointer":"/i"},"extensions":{}},
                 "types":{"t":{"publish":[],"entity":[],"expectPerEntity":false}},
                 "data":{"maxBytes":1048576,"timeout":"00:00:10","auth":{"kind":"none"},"baseUrl":"https://e/"},"name":"p"}
                """).Producer!));

    [Fact]
    public void Everything_that_is_wrong_is_said_at_once_with_its_place() =>
        Assert.Equal(
            [
                "#/callers", "#/callers/1", "#/colour", "#/data/auth/secret", "#/data/baseUrl", "#/feed/schedule", "#/messages/extensions/Bad", "#/messages/id",
                "#/messages/type", "#/messages/type/constant", "#/name", "#/quota/eventsPerHour", "#/quota/eventsPerMinute", "#/retention/dataDays", "#/source", "#/types/a~1%22b/expectEvery", "#/types/a~1%22b/publish/0/operatorType",
                "#/types/a~1%22b/publish/1/values/1", "#/types/x.enriched", "#/verification/secrets",
            ],
            Pointers($$"""
                { "name": 7, "source": "", "colour": "red",
                  "data": { "baseUrl": "nowhere", "auth": { "kind": "header", "header": "x", "secret": "s3cr3t!" } },
                  "types": { "x.enriched": {}, "a/\"b": { "expectEvery": "00:00:00.9", "publish": [ { "key": "x", "operatorType": "Like" }, { "key": "x", "operatorType": "NumberIn", "values": [1, "2"] } ] } },
                  "feed": { "url": "events", "schedule": "*/5 * * * *" },
                  "messages": { "type": { "constant": "eventfunctions.x" }, "extensions": { "Bad": { "constant": "x" } } },
                  "verification": { "kind": "hmac", "header": "h" },
                  "callers": ["{{Caller}}", "somebody"],
                  "quota": { "eventsPerMinute": 0, "eventsPerHour": 1 },
                  "retention": { "recordDays": 7, "dataDays": 6 } }
                """).Distinct().Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("""{ "recordDays": 30, "dataDays": 31 }""", "#/retention/dataDays")]
    [InlineData("""{ "recordDays": 30, "dataDays": 30 }""", "")]
    [InlineData("""{ "dataDays": 31 }""", "")]
    public void Full_data_cannot_be_kept_longer_than_its_record(string retention, string pointers) =>
        Assert.Equal(
            pointers.Split(' ', StringSplitOptions.RemoveEmptyEntries),
            Pointers($$"""{ "name": "p", "source": "/s", "retention": {{retention}} }"""));

    [Theory]
    [InlineData("""{ "type": { "pattern": 1 } }""", "#/types/t/type")]
    [InlineData("""{ "entity": "/a" }""", "#/types/t/entity")]
    [InlineData("""{ "entity": ["a", ""] }""", "#/types/t/entity/0 #/types/t/entity/1")]
    [InlineData("""{ "entity": ["/a~2"] }""", "#/types/t/entity/0")]
    [InlineData("""{ "schema": "{}" }""", "#/types/t/schema")]
    [InlineData("""{ "publish": {} }""", "#/types/t/publish")]
    [InlineData("""{ "expectEvery": "400.00:00:00" }""", "#/types/t/expectEvery")]
    [InlineData("""{ "expectPerEntity": true }""", "#/types/t/expectPerEntity")]
    [InlineData("""{ "expectEvery": "00:01:00", "expectPerEntity": "true" }""", "#/types/t/expectPerEntity")]
    [InlineData("[]", "#/types/t")]
    [InlineData("null", "#/types/t")]
    public void A_type_that_makes_no_sense_is_refused_where_it_stands(string type, string pointers) =>
        Assert.Equal(pointers.Split(' '), Pointers($$"""{ "name": "p", "source": "/s", "types": { "t": {{type}} } }"""));

    [Theory]
    [InlineData("""{ "id": { "pointer": "/id" }, "type": { "pointer": "/a/type" }, "remove": ["/secret", "/id", "/a", "/i"] }""", "#/messages/remove/1 #/messages/remove/2")]
    [InlineData("""{ "id": { "template": "{/x}-{/y/0}" }, "type": { "constant": "t" }, "remove": ["/y", "/y/1"] }""", "#/messages/remove/0")]
    [InlineData("""{ "id": { "hash": "" }, "type": { "constant": "t" }, "subject": { "pointer": "/s" }, "remove": ["/s"] }""", "")]
    public void A_mapping_that_removes_what_ID_or_type_comes_from_is_refused(string messages, string pointers) =>
        Assert.Equal(pointers, string.Join(' ', Pointers($$"""{ "name": "p", "source": "/s", "messages": {{messages}} }""")));

    [Theory]
    [InlineData("""{ "url": "../events", "schedule": "0 * * * * *" }""", "#/feed/url")]
    [InlineData("""{ "url": "https://elsewhere.example.com/events", "schedule": "0 * * * * *" }""", "#/feed/url")]
    [InlineData("""{ "url": "", "schedule": "0 * * * * *" }""", "#/feed/url")]
    [InlineData("""{ "url": "events" }""", "#/feed/schedule")]
    [InlineData("""{ "url": "events", "schedule": "0 0 0 30 2 *" }""", "#/feed/schedule")]
    [InlineData("""{ "url": "events", "schedule": "hourly" }""", "#/feed/schedule")]
    [InlineData("""{ "url": "events", "schedule": "0 * * * * *", "every": 1 }""", "#/feed/every")]
    [InlineData("""{ "url": "events", "schedule": "0 * * * * *", "format": "atom" }""", "#/feed/type")]
    [InlineData("""{ "url": "events", "schedule": "0 * * * * *", "format": "xml" }""", "#/feed/format")]
    [InlineData("""{ "url": "events", "schedule": "0 * * * * *", "type": "t" }""", "#/feed/type")]
    [InlineData("""{ "url": "events", "schedule": "0 * * * * *", "format": "rss", "type": "t", "items": "x" }""", "#/feed/format")]
    public void A_feed_that_makes_no_sense_is_refused_where_it_stands(string feed, string pointer) =>
        Assert.Equal([pointer], Pointers($$"""{ "name": "p", "source": "/s", "data": { "baseUrl": "https://e/a/" }, "feed": {{feed}} }"""));

    [Fact]
    public void A_schema_is_refused_with_the_place_in_it()
    {
        var schemas = Substitute.For<ISchemaCompiler>();
        schemas.Check("""{"$ref":"https://e/","a/b":1}""").Returns([new SchemaError("/%24ref", "remote"), new SchemaError("", "bad")]);
        schemas.Check("""{"a/b":1}""").Returns([new SchemaError("/a~1b", "no")]);

        var errors = Read(
            """{ "name": "p", "source": "/s", "types": { "t": { "schema": { "$ref": "https://e/", "a/b": 1 }, "dataSchema": { "a/b": 1 } } } }""", schemas: schemas).Errors;

        Assert.Equal([new("#/types/t/schema/%24ref", "remote"), new("#/types/t/schema", "bad"), new("#/types/t/dataSchema/a~1b", "no")], errors);
    }

    [Theory]
    [InlineData("""{ "$ref": "https://elsewhere.example.com/schema" }""")]
    [InlineData("""{ "pattern": "(" }""")]
    [InlineData("""{ "type": "sting" }""")]
    public void A_schema_that_could_do_harm_or_nothing_is_refused(string schema)
    {
        var errors = Read($$"""{ "name": "p", "source": "/s", "types": { "t": { "dataSchema": {{schema}} } } }""", schemas: new JsonSchemas()).Errors;

        Assert.StartsWith("#/types/t/dataSchema/", Assert.Single(errors).Pointer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{ "name": "p", "source": "/s" } {}""")]
    [InlineData("""{ "name": "p", "source": "/s", "source": "/t" }""")]
    [InlineData("""{ "name": "p", "source": "/\ud800" }""")]
    public void What_has_no_single_meaning_as_JSON_is_refused(string json) => Assert.NotEmpty(Read(json).Errors);

    [Fact]
    public void The_addressed_name_need_not_be_repeated_and_is_not_contradicted()
    {
        Assert.Equal("p", Read("""{ "source": "/s" }""", "p").Producer!.Name);
        Assert.Equal("p", Read("""{ "name": "p", "source": "/s" }""", "p").Producer!.Name);
        Assert.Equal("p", Read("\uFEFF{ \"source\": \"/s\" }", "p").Producer!.Name);
        Assert.Equal(["#/name"], Pointers("""{ "name": "q", "source": "/s" }""", "p"));
    }

    [Fact]
    public void A_definition_is_bounded_as_it_comes_and_as_it_is_written()
    {
        Assert.Equal(["#"], Pointers($$"""{ "source": "/s", "name": "{{new string('p', ProducerReader.MaxBytes)}}" }"""));

        // Three times as long when written.
        var emoji = string.Concat(Enumerable.Repeat("🦊", 40_000));
        Assert.Equal(["#"], Pointers($$"""{ "name": "p", "source": "/s", "types": { "t": { "schema": { "title": "{{emoji}}" } } } }"""));
    }

    [Fact]
    public void Errors_without_end_are_cut_short()
    {
        var names = string.Join(',', Enumerable.Range(0, 20_000).Select(i => $"\"{i}\":1"));

        Assert.InRange(Read($"{{{names}}}").Errors.Sum(error => error.Pointer.Length + error.Detail.Length), 1, 200_000);
    }
}
