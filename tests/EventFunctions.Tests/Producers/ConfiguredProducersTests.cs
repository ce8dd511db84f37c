using System.Text;
using EventFunctions.Composition;
using EventFunctions.Filters;
using EventFunctions.Producers;
using EventFunctions.Producers.Registry;
using EventFunctions.Schemas;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using NSubstitute;

namespace EventFunctions.Tests.Producers;

public sealed class ConfiguredProducersTests
{
    private static FixedProducers Read(string producers) => new(ConfiguredProducers.Read(new ConfigurationBuilder()
        .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{"Producers":[{{producers}}]}"""))).Build(), Substitute.For<ISchemaCompiler>()));

    private static IEnumerable<string> Errors(string producers) =>
        Assert.Throws<OptionsValidationException>(() => Read(producers)).Failures;

    [Fact]
    public void A_producer_is_found_by_its_exact_source()
    {
        var producers = Read("""
            {
              "name": "policies",
              "source": "/insurance/policies",
              "data": { "baseUrl": "https://policies.example.com/api/", "template": "policies/{subject}?event={id}&t={type}&s={source}",
                        "auth": { "kind": "header", "header": "x-api-key", "secret": "POLICIES_API_KEY" },
                        "timeout": "00:00:07", "maxBytes": 1400000 },
              "types": { "policy.renewed": {}, "policy.issued": {} }
            },
            { "name": "thin", "source": "urn:thin" }
            """);

        var producer = producers.FindBySource("/insurance/policies");

        Assert.NotNull(producer);
        Assert.Equal("policies", producer.Name);
        Assert.Equal(new Uri("https://policies.example.com/api/"), producer.Data!.BaseUrl);
        Assert.Equal("policies/{subject}?event={id}&t={type}&s={source}", producer.Data.Template);
        Assert.Equal(new ProducerAuth { Kind = ProducerAuthKind.Header, Header = "x-api-key", Secret = "POLICIES_API_KEY" }, producer.Data.Auth);
        Assert.Equal(TimeSpan.FromSeconds(7), producer.Data.Timeout);
        Assert.Equal(1_400_000, producer.Data.MaxBytes);
        Assert.Equal(["policy.issued", "policy.renewed"], producer.Types.Keys);
        Assert.Null(producers.FindBySource("urn:thin")!.Data);
        Assert.Null(producers.FindBySource("/Insurance/policies"));
        Assert.Null(producers.FindBySource("/insurance/policies/"));
        Assert.Equal(["policies", "thin"], producers.All.Select(p => p.Name));
    }

    [Fact]
    public void What_is_left_out_has_its_default()
    {
        var producers = Read("""{ "name": "p", "source": "/s", "data": { "baseUrl": "http://127.0.0.1:7071/producer/" } }""");

        var data = producers.FindBySource("/s")!.Data!;

        Assert.Equal(new ProducerAuth(), data.Auth);
        Assert.Equal(TimeSpan.FromSeconds(10), data.Timeout);
        Assert.Equal(1_048_576, data.MaxBytes);
        Assert.Null(data.Template);
    }

    [Fact]
    public void Without_the_section_there_are_no_producers() =>
        Assert.Empty(ConfiguredProducers.Read(new ConfigurationBuilder().Build(), new JsonSchemas()));

    [Fact]
    public void All_errors_of_all_producers_are_reported_at_once()
    {
        var errors = Errors("""
            { "name": "Policies!", "data": { "timeout": "00:01:00", "maxBytes": 1400001, "proxy": "x", "auth": { "kind": "basic", "password": "x" } } },
            { "name": "p", "source": "/s", "feed": { "url": "events" }, "types": { "x.enriched": { "schema": { "a": 1 } } } },
            { "name": "q", "source": "/t" }, { "name": "q", "source": "/t" }
            """).ToList();

        Assert.Equal(
            [
                "Producers:0:data:auth:kind", "Producers:0:data:auth:password", "Producers:0:data:baseUrl", "Producers:0:data:maxBytes",
                "Producers:0:data:proxy", "Producers:0:data:timeout", "Producers:0:name", "Producers:0:source",
                "Producers:1:feed", "Producers:1:feed:schedule", "Producers:1:types:x.enriched", "Producers:1:types:x.enriched:schema",
                "Producers:3:name", "Producers:3:source",
            ],
            errors.Select(error => error[..error.IndexOf(": ", StringComparison.Ordinal)]).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Everything_of_a_producer_can_be_written_as_flat_settings()
    {
        const string Schema = """{"type":"object","properties":{"amount":{"minimum":1}}}""";
        var producers = new FixedProducers(ConfiguredProducers.Read(
            new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
            {
                ["Producers:0:NAME"] = "policies",
                ["Producers:0:source"] = "/insurance/policies",
                ["Producers:0:data:baseUrl"] = "https://policies.example.com/",
                ["Producers:0:data:maxBytes"] = "1000",
                ["Producers:0:types:policy.renewed:entity:0"] = "/policy/number",
                ["Producers:0:types:policy.renewed:entity:1"] = "/policy/year",
                ["Producers:0:types:policy.renewed:schema"] = Schema,
                ["Producers:0:types:policy.renewed:publish"] = """[{"operatorType":"NumberGreaterThan","key":"data.amount","value":5}]""",
                ["Producers:0:types:policy.renewed:expectEvery"] = "01:00:00",
                ["Producers:0:types:policy.renewed:expectPerEntity"] = "true",
                ["Producers:0:types:policy.issued"] = "",
                ["Producers:0:feed:url"] = "events",
                ["Producers:0:feed:schedule"] = "0 */5 * * * *",
                ["Producers:0:callers:0"] = "3F2504E0-4F89-41D3-9A0C-0305E82C3301",
                ["Producers:0:retention:recordDays"] = "30",
            }).Build(),
            Substitute.For<ISchemaCompiler>()));

        var producer = producers.FindByName("policies")!;

        var type = producer.Types["policy.renewed"];
        Assert.Equal(["/policy/number", "/policy/year"], type.Entity);
        Assert.Equal(Schema, type.Schema);
        Assert.Equal(FilterOperator.NumberGreaterThan, Assert.Single(type.Publish.Filters).Operator);
        Assert.Equal(TimeSpan.FromHours(1), type.ExpectEvery);
        Assert.True(type.ExpectPerEntity);
        Assert.Equal(1_000, producer.Data!.MaxBytes);
        Assert.Equal(new Uri("https://policies.example.com/events"), producer.Feed!.Url);
        Assert.Equal(["3f2504e0-4f89-41d3-9a0c-0305e82c3301"], producer.Callers);
        Assert.Equal(30, producer.Retention.RecordDays);
        Assert.Null(producer.Retention.DataDays);
    }

    [Theory]
    [InlineData("\"schema\": \"{\"", "schema")]
    [InlineData("\"schema\": \"{\\\"a\\\":1,\\\"a\\\":2}\"", "schema")]
    [InlineData("\"schema\": \"7\"", "schema")]
    [InlineData("\"publish\": [ { \"operatorType\": \"IsNotNull\", \"key\": \"subject\" } ]", "publish")]
    [InlineData("\"expectPerEntity\": \"perhaps\"", "expectPerEntity")]
    public void What_settings_cannot_say_is_refused_where_it_stands(string type, string path) =>
        Assert.StartsWith(
            $"Producers:0:types:t:{path}: ",
            Assert.Single(Errors($$"""{ "name": "p", "source": "/s", "types": { "t": { {{type}} } } }""")),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("\"baseUrl\": \"policies\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"/policies/\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"ftp://example.com/\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"file:///etc/\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"https://example.com\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"https://example.com/a\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"https://user:password@example.com/\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"https://@example.com/\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"https://example.com/?q=/\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"https://example.com/#/\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"https://example.com\\\\@evil/\"", "baseUrl")]
    [InlineData("\"baseUrl\": \"https://e/a/\", \"template\": \"{subjekt}\"", "template")]
    [InlineData("\"baseUrl\": \"https://e/a/\", \"template\": \"{subject\"", "template")]
    [InlineData("\"baseUrl\": \"https://e/a/\", \"template\": \"/{subject}\"", "template")]
    [InlineData("\"baseUrl\": \"https://e/a/\", \"template\": \"../{subject}\"", "template")]
    [InlineData("\"baseUrl\": \"https://e/a/\", \"template\": \"%2e%2e/{subject}\"", "template")]
    [InlineData("\"baseUrl\": \"https://e/a/\", \"template\": \"http://evil/{subject}\"", "template")]
    [InlineData("\"baseUrl\": \"https://e/a/\", \"template\": \"a#{id}\"", "template")]
    [InlineData("\"baseUrl\": \"https://e/a/\", \"template\": \"a b\"", "template")]
    [InlineData("\"baseUrl\": \"https://e/\", \"timeout\": \"10\"", "timeout")]
    [InlineData("\"baseUrl\": \"https://e/\", \"timeout\": \"00:00:00\"", "timeout")]
    [InlineData("\"baseUrl\": \"https://e/\", \"timeout\": \"00:00:20.001\"", "timeout")]
    [InlineData("\"baseUrl\": \"https://e/\", \"maxBytes\": 0", "maxBytes")]
    [InlineData("\"baseUrl\": \"https://e/\", \"maxBytes\": 1e6", "maxBytes")]
    [InlineData("\"baseUrl\": \"https://e/\", \"auth\": { \"kind\": \"header\", \"secret\": \"S\" }", "auth:header")]
    [InlineData("\"baseUrl\": \"https://e/\", \"auth\": { \"kind\": \"header\", \"header\": \"a b\", \"secret\": \"S\" }", "auth:header")]
    [InlineData("\"baseUrl\": \"https://e/\", \"auth\": { \"kind\": \"header\", \"header\": \"x\", \"secret\": \"a:b\" }", "auth:secret")]
    [InlineData("\"baseUrl\": \"https://e/\", \"auth\": { \"kind\": \"managedIdentity\" }", "auth:scope")]
    [InlineData("\"baseUrl\": \"https://e/\", \"auth\": { \"kind\": \"none\", \"secret\": \"S\" }", "auth:secret")]
    [InlineData("\"baseUrl\": \"https://e/\", \"auth\": { \"scope\": \"api://x/.default\" }", "auth:scope")]
    [InlineData("\"baseUrl\": \"http://e/\", \"auth\": { \"kind\": \"managedIdentity\", \"scope\": \"api://x/.default\" }", "auth")]
    public void Data_that_makes_no_sense_is_refused_where_it_stands(string data, string path) =>
        Assert.StartsWith(
            $"Producers:0:data:{path}: ",
            Assert.Single(Errors($$"""{ "name": "p", "source": "/s", "data": { {{data}} } }""")),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("")]
    [InlineData("-p")]
    [InlineData("P")]
    [InlineData("a/b")]
    [InlineData("1234567890123456789012345678901234567890123456789012345678901234")]
    public void A_name_is_a_short_lower_case_word(string name) =>
        Assert.StartsWith("Producers:0:name: ", Assert.Single(Errors($$"""{ "name": "{{name}}", "source": "/s" }""")), StringComparison.Ordinal);
}
