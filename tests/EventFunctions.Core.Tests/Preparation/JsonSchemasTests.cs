using System.Diagnostics;
using EventFunctions.CloudEvents;
using EventFunctions.Schemas;

namespace EventFunctions.Tests.Preparation;

public sealed class JsonSchemasTests
{
    private readonly JsonSchemas _schemas = new();

    public static TheoryData<string, string> Refused => new()
    {
        { "", "" },
        { "{", "" },
        { "[]", "" },
        { """{"type":"object","type":"object"}""", "/type" },
        { """{"$schema":"http://json-schema.org/draft-07/schema#"}""", "/$schema" },
        { """{"$ref":"https://example.com/s.json"}""", "/$ref" },
        { """{"$ref":"other.json"}""", "/$ref" },
        { """{"$ref":"#anchor"}""", "/$ref" },
        { """{"$ref":"#/$defs/none"}""", "/$ref" },
        { """{"not":{"$id":"https://example.com/s.json"}}""", "/not/$id" },
        { """{"$dynamicRef":"#x"}""", "/$dynamicRef" },
        { """{"unevaluatedProperties":false}""", "/unevaluatedProperties" },
        { """{"properties":{"a":{"propertees":{}}}}""", "/properties/a/propertees" },
        { """{"format":"hostname"}""", "/format" },
        { """{"contentMediaType":"application/json"}""", "/contentMediaType" },
        { """{"type":"text"}""", "/type" },
        { """{"minLength":-1}""", "/minLength" },
        { """{"minLength":"1"}""", "/minLength" },
        { """{"multipleOf":0}""", "/multipleOf" },
        { """{"anyOf":[]}""", "/anyOf" },
        { """{"properties":[]}""", "/properties" },
        { """{"items":5}""", "/items" },
        { """{"enum":"a"}""", "/enum" },
        { """{"$ref":"#"}""", "" },
        { """{"allOf":[{"$ref":"#/$defs/a"}],"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}""", "" },
        { """{"pattern":"(a)\\1"}""", "/pattern" },
        { """{"pattern":"(?=a)"}""", "/pattern" },
        { """{"pattern":"(?<!a)b"}""", "/pattern" },
        { """{"pattern":"(?>a+)"}""", "/pattern" },
        { """{"pattern":"(?i)a"}""", "/pattern" },
        { """{"pattern":"a{1000}{1000}"}""", "/pattern" },
        { """{"items":{"pattern":"[ab]*a.{1500}"}}""", "/items/pattern" },
        { """{"pattern":"^[ab]{1200}$"}""", "/pattern" },
        { """{"pattern":"((a{100}){100}){100}"}""", "/pattern" },
        { """{"pattern":"["}""", "/pattern" },
        { """{"pattern":"("}""", "/pattern" },
        { """{"pattern":"\\Aa"}""", "/pattern" },
        { """{"pattern":"a)"}""", "/pattern" },
        { """{"pattern":"a**"}""", "/pattern" },
        { """{"pattern":"^*"}""", "/pattern" },
        { """{"pattern":"a{2,1}"}""", "/pattern" },
        { """{"pattern":"[b-a]"}""", "/pattern" },
        { """{"pattern":"[\\d-z]"}""", "/pattern" },
        { """{"pattern":"\\p{Greek}"}""", "/pattern" },
        { """{"pattern":"((((((a?)?)?)?)?)?){900}"}""", "/pattern" },
        { $$"""{"pattern":"{{new string('(', 70)}}a{{new string(')', 70)}}"}""", "/pattern" },
        { """{"patternProperties":{"(":{}}}""", "/patternProperties/(" },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void What_is_no_schema_or_would_not_be_checked_is_refused_at_its_place(string schema, string pointer) =>
        Assert.Equal(pointer, Uri.UnescapeDataString(Assert.Single(JsonSchemas.Check(schema)).Pointer));

    [Fact]
    public void All_reasons_are_given_at_once()
    {
        var errors = JsonSchemas.Check("""{"$anchor":"x","properties":{"a":{"pattern":"("},"b":{"type":"text","minimum":"1"}}}""");

        Assert.Equal(
            ["/%24anchor", "/properties/a/pattern", "/properties/b/minimum", "/properties/b/type"],
            errors.Select(error => error.Pointer).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_schema_of_more_than_64_KB_is_refused()
    {
        var text = new string('x', JsonSchemas.MaxBytes);

        Assert.NotEmpty(JsonSchemas.Check($$"""{"title":"{{text}}"}"""));
        Assert.Empty(JsonSchemas.Check($$"""{"title":"{{text[100..]}}"}"""));
    }

    [Fact]
    public void A_schema_that_is_nested_without_end_is_refused()
    {
        var schema = string.Concat(Enumerable.Repeat("""{"not":""", 5_000)) + "true" + new string('}', 5_000);
        var chain = string.Join(',', Enumerable.Range(0, 800).Select(i =>
            $"\"{i}\":{{\"allOf\":[{{\"$ref\":\"#/$defs/{i + 1}\"}},{{\"$ref\":\"#/$defs/{i + 1}\"}}]}}"));

        Assert.NotEmpty(JsonSchemas.Check(schema));
        Assert.Equal("", Assert.Single(JsonSchemas.Check("{\"$ref\":\"#/$defs/0\",\"$defs\":{\"800\":true," + chain + "}}")).Pointer);
    }

    [Fact]
    public void A_check_that_would_take_exponential_time_ends_soon()
    {
        const string Schema = """{"properties":{"a":{"anyOf":[{"allOf":[{"$ref":"#"},false]},{"allOf":[{"$ref":"#"},false]}]}}}""";
        var data = string.Concat(Enumerable.Repeat("""{"a":""", 60)) + "1" + new string('}', 60);
        Assert.Empty(JsonSchemas.Check(Schema));
        var clock = Stopwatch.StartNew();

        Assert.Contains(_schemas.Validate(Schema, EventContent.FromJson(data)), error => error.Detail.Contains("steps", StringComparison.Ordinal));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData("^[a-z ]{0,900}$")]
    [InlineData("^[0-9a-f]{64}:[0-9a-f]{128}$")]
    [InlineData("[0-9a-f]{64}")]
    [InlineData("[ab]*a[ab]{100}[cd]")]
    [InlineData("^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$")]
    [InlineData("^[^@ ]+@[^@ ]+\\.[a-z]{2,}$")]
    public void A_pattern_that_people_write_is_accepted(string pattern) =>
        Assert.Empty(JsonSchemas.Check(System.Text.Json.JsonSerializer.Serialize(new { pattern })));

    [Theory]
    [InlineData("dependentRequired", "[]")]
    [InlineData("dependentSchemas", "true")]
    public void To_look_for_a_name_that_others_depend_on_costs_as_much_as_the_object_is_large(string keyword, string value)
    {
        var triggers = string.Join(',', Enumerable.Range(0, 3_000).Select(i => $"\"n{i}\":{value}"));
        var schema = $"{{\"{keyword}\":{{{triggers}}}}}";
        Assert.Empty(JsonSchemas.Check(schema));

        var errors = _schemas.Validate(schema, EventContent.FromJson($"{{{string.Join(',', Enumerable.Range(0, 50_000).Select(i => $"\"m{i}\":0"))}}}"));

        Assert.Contains("steps", Assert.Single(errors).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pattern_that_other_engines_choke_on_takes_linear_time()
    {
        var data = EventContent.FromJson($"\"{new string('a', 200_000)}!\"");
        var clock = Stopwatch.StartNew();

        Assert.NotEmpty(_schemas.Validate("""{"pattern":"^(a+)+$"}""", data));
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(5), $"{clock.Elapsed}");
    }

    [Theory]
    [InlineData("""{"const":123456789012345678901234567890}""", "123456789012345678901234567890", true)]
    [InlineData("""{"const":123456789012345678901234567890}""", "123456789012345678901234567891", false)]
    [InlineData("""{"const":1}""", "1.0", true)]
    [InlineData("""{"maximum":0.1}""", "0.10000000000000000000000000001", false)]
    [InlineData("""{"maximum":1e400}""", "1e399", true)]
    [InlineData("""{"maximum":1e400}""", "1e999999999999999999999", false)]
    [InlineData("""{"type":"integer"}""", "1e1000000000", true)]
    [InlineData("""{"type":"integer"}""", "1e-1000000000", false)]
    [InlineData("""{"multipleOf":0.01}""", "123456789012345678901234567890.12", true)]
    [InlineData("""{"multipleOf":0.01}""", "123456789012345678901234567890.123", false)]
    [InlineData("""{"multipleOf":3}""", "3e1000000000", true)]
    [InlineData("""{"multipleOf":7}""", "1e1000000000", false)]
    [InlineData("""{"multipleOf":0.5}""", "-0.0", true)]
    [InlineData("""{"maxLength":1}""", "\"😀\"", true)]
    [InlineData("""{"pattern":"^.$"}""", "\"😀\"", true)]
    [InlineData("""{"pattern":"^[^a]$"}""", "\"😀\"", true)]
    [InlineData("""{"pattern":"^[^a][^a]$"}""", "\"😀\"", false)]
    [InlineData("""{"pattern":"^😀{2}$"}""", "\"😀😀\"", true)]
    [InlineData("""{"pattern":"a$"}""", "\"a\\n\"", false)]
    [InlineData("""{"pattern":"^[😀-😂]$"}""", "\"😁\"", true)]
    [InlineData("""{"pattern":"^\\ud83d\\ude00$"}""", "\"😀\"", true)]
    [InlineData("""{"pattern":"^\\u{1f600}$"}""", "\"😀\"", true)]
    [InlineData("""{"pattern":"^\\p{Lu}\\P{L}$"}""", "\"É1\"", true)]
    [InlineData("""{"pattern":"^\\p{Lu}\\P{L}$"}""", "\"é1\"", false)]
    [InlineData("""{"pattern":"^[^\\d\\s]+$"}""", "\"ab\"", true)]
    [InlineData("""{"pattern":"^[^\\d\\s]+$"}""", "\"a b\"", false)]
    [InlineData("""{"pattern":"^[\\D]$"}""", "\"1\"", false)]
    [InlineData("""{"pattern":"^[\\w.-]+$"}""", "\"a-b.c_1\"", true)]
    [InlineData("""{"pattern":"(^a|b$)"}""", "\"xb\"", true)]
    [InlineData("""{"pattern":"(^a|b$)"}""", "\"xbx\"", false)]
    [InlineData("""{"pattern":"^(a*)*$"}""", "\"aaa\"", true)]
    [InlineData("""{"pattern":"^(a|ab)(c|bcd)(d*)$"}""", "\"abcd\"", true)]
    [InlineData("""{"pattern":"^(?:ab){2,3}?$"}""", "\"ababab\"", true)]
    [InlineData("""{"pattern":"^(?:ab){2,3}$"}""", "\"abababab\"", false)]
    [InlineData("""{"pattern":"^(?<year>[0-9]{4,})-$"}""", "\"12345-\"", true)]
    [InlineData("""{"pattern":"^a{0}b?$"}""", "\"\"", true)]
    [InlineData("""{"pattern":""}""", "\"\"", true)]
    [InlineData("""{"pattern":"a|"}""", "\"z\"", true)]
    [InlineData("""{"pattern":"^\\d$"}""", "\"٣\"", false)]
    [InlineData("""{"pattern":"^\\s$"}""", "\"\\ufeff\"", true)]
    [InlineData("""{"format":"date-time"}""", "\"2026-02-30T00:00:00Z\"", false)]
    [InlineData("""{"format":"uuid"}""", "\"4b1946ac-9248-4a5d-9d1e-1c2b3a4d5e6f\"", true)]
    public void Values_are_compared_exactly_and_patterns_mean_what_ECMAScript_says(string schema, string data, bool isValid)
    {
        Assert.Empty(JsonSchemas.Check(schema));
        Assert.Equal(isValid, _schemas.Validate(schema, EventContent.FromJson(data)).Count == 0);
    }

    [Fact]
    public void Details_never_hold_values()
    {
        const string Schema = """
            {"properties":{"a":{"type":"integer","enum":[1],"const":2},"b":{"pattern":"^x","maxLength":3,"format":"uuid"},"c":{"maximum":1,"multipleOf":2}}}
            """;

        var errors = _schemas.Validate(Schema, EventContent.FromJson("""{"a":"secret","b":"secret","c":987654321}"""));

        Assert.Equal(8, errors.Count);
        Assert.DoesNotContain(errors, error => error.Detail.Contains("secret", StringComparison.Ordinal) || error.Detail.Contains("987", StringComparison.Ordinal));
    }

    [Fact]
    public void A_payload_with_a_hundred_thousand_errors_gives_the_first()
    {
        var errors = _schemas.Validate("""{"items":{"type":"string"}}""", EventContent.FromJson($"[{string.Join(',', Enumerable.Repeat("1", 100_000))}]"));

        Assert.Equal(101, errors.Count);
    }

    [Fact]
    public void Half_of_a_surrogate_pair_is_a_violation_and_no_crash() =>
        Assert.Single(_schemas.Validate("""{"maxLength":5}""", EventContent.FromJson("\"\\ud800\"")));

    [Fact]
    public async Task One_instance_serves_many_threads()
    {
        const string Schema = """{"$defs":{"tree":{"properties":{"child":{"$ref":"#/$defs/tree"},"name":{"type":"string"}},"required":["name"]}},"$ref":"#/$defs/tree"}""";

        await Task.WhenAll(Enumerable.Range(0, 8).Select(worker => Task.Run(() =>
        {
            for (var i = 0; i < 500; i++)
            {
                Assert.Empty(_schemas.Validate(Schema, EventContent.FromJson("""{"name":"a","child":{"name":"b"}}""")));
                Assert.Equal("/child/name", Assert.Single(_schemas.Validate(Schema, EventContent.FromJson("""{"name":"a","child":{"name":1}}"""))).Pointer);
            }
        })));
    }
}
