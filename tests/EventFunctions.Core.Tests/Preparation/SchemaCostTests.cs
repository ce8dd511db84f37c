using EventFunctions.CloudEvents;
using EventFunctions.Schemas;

namespace EventFunctions.Tests.Preparation;

public sealed class SchemaCostTests
{
    private readonly JsonSchemas _schemas = new();

    public static TheoryData<string, string, string> TooCostly => new()
    {
        { "pattern", AllOf(60, i => $$"""{"pattern":"[ab]*a[ab]{{{i + 5}}}[cd]"}"""), $"\"{Letters(20_000)}\"" },
        { "pattern", """{"items":{"pattern":"([ab]*a[ab]{20}|[ab]*b[ab]{20})z"}}""", Array(10_000, _ => $"\"{Letters(100)}\"") },
        { "multipleOf", AllOf(200, i => $$"""{"multipleOf":{{new string('7', 90)}}{{i + 100}}.5}"""), new string('9', 70_000) },
        { "multipleOf", $$"""{"items":{"multipleOf":{{new string('7', 90)}} } }""", Array(10_000, i => $"{i + 1}e999999999999999999") },
        {
            "uniqueItems",
            """{"uniqueItems":true,"items":{"allOf":[{"$ref":"#"},{"$ref":"#"}]}}""",
            new string('[', 13) + Array(12_000, i => $"{i}") + new string(']', 13)
        },
        { "enum", $$"""{"items":{{AllOf(500, _ => """{"enum":[1,"x"]}""")}} }""", Array(5_000, _ => "1") },
        { "required", $$"""{"items":{"required":{{Array(1_000, i => $"\"a{i}\"")}} } }""", Array(2_000, _ => """{"b":1}""") },
        { "format", AllOf(100, _ => """{"format":"uri"}"""), $"\"http://a/{new string('a', 100_000)}\"" },
        { "dependentRequired", $$"""{"dependentRequired":{ {{List(3_000, i => $"\"n{i}\":[]")}} } }""", $$"""{ {{List(50_000, i => $"\"m{i}\":0")}} }""" },
        { "dependentSchemas", $$"""{"dependentSchemas":{ {{List(3_000, i => $"\"n{i}\":true")}} } }""", $$"""{ {{List(50_000, i => $"\"m{i}\":0")}} }""" },
    };

    [Theory]
    [MemberData(nameof(TooCostly), DisableDiscoveryEnumeration = true)]
    public void A_check_that_costs_too_much_ends_and_names_the_keyword(string keyword, string schema, string data)
    {
        Assert.Empty(JsonSchemas.Check(schema));

        var errors = _schemas.Validate(schema, EventContent.FromJson(data));

        Assert.True(errors[^1].ExceededBudget, errors[^1].Detail);
        Assert.Equal($"Checking the event against its schema takes more than 400000 steps; the keyword \"{keyword}\" takes the most.", errors[^1].Detail);
    }

    [Fact]
    public void The_same_payload_always_takes_the_same_number_of_steps()
    {
        const string Schema = """{"uniqueItems":true,"items":{"pattern":"^(a|b)*c$","maxLength":300}}""";
        var data = EventContent.FromJson(Array(200, i => $"\"{Letters(i)}c\""));

        var lefts = Enumerable.Range(0, 3).Select(_ =>
        {
            var budget = new SchemaBudget();
            using var document = System.Text.Json.JsonDocument.Parse(data.Bytes);
            Assert.Empty(_schemas.Validate(Schema, document.RootElement, budget));
            return budget.Left;
        }).ToList();

        Assert.Single(lefts.Distinct());
        Assert.InRange(lefts[0], SchemaBudget.PerRequest - SchemaBudget.PerPayload, SchemaBudget.PerRequest - 1);
    }

    [Theory]
    [InlineData("""{"type":"object","required":["a"],"properties":{"a":{"pattern":"^[A-Z]{2}-[0-9]{4,8}$"},"b":{"items":{"uniqueItems":true}}}}""")]
    [InlineData("""{"properties":{"b":{"items":{"items":{"multipleOf":0.01,"type":"number"}}}}}""")]
    public void A_large_payload_of_an_ordinary_schema_is_checked_to_its_end(string schema)
    {
        var data = $$"""{"a":"PO-123456","b":{{Array(200, i => Array(100, j => $"{i}.{j + 100}"))}} }""";

        Assert.DoesNotContain(_schemas.Validate(schema, EventContent.FromJson(data)), error => error.ExceededBudget);
    }

    [Fact]
    public void A_schema_that_takes_too_much_memory_is_refused_at_its_keyword()
    {
        var errors = JsonSchemas.Check(AllOf(3_000, _ => """{"pattern":"a{999}"}"""));

        var error = Assert.Single(errors);
        Assert.Matches("^/allOf/[0-9]{3}/pattern$", error.Pointer);
        Assert.Equal("The schema takes more than 5 MB of memory when compiled; the keyword \"pattern\" takes the most.", error.Detail);
    }

    [Fact]
    public void A_schema_that_takes_too_long_to_compile_is_refused_at_its_keyword()
    {
        var members = List(700, i => $"\"{i}\":0");
        var nested = string.Concat(Enumerable.Repeat("{\"a\":", 5)) + "{}" + string.Concat(Enumerable.Repeat($",{members}}}", 5));
        var schema = $$"""{"$defs":{{nested}},"allOf":{{Array(950, i => $$"""{"$ref":"#/$defs/a/a/a/a/{{i}}x"}""")}} }""";

        var error = Assert.Single(JsonSchemas.Check(schema));

        Assert.Matches("^/allOf/9[0-9]{2}/%24ref$", error.Pointer);
        Assert.Equal("The schema takes more than 400000 steps to compile; the keyword \"$ref\" takes the most.", error.Detail);
    }

    [Fact]
    public void Pointers_of_errors_stay_short_below_a_long_name()
    {
        var schema = $$"""{"properties":{"{{new string('n', 50_000)}}":{{AllOf(90, _ => """{"type":"x"}""")}} } }""";

        Assert.All(JsonSchemas.Check(schema), error => Assert.InRange(error.Pointer.Length, 0, 1_024));
    }

    private static string List(int count, Func<int, string> item) => string.Join(',', Enumerable.Range(0, count).Select(item));

    private static string Array(int count, Func<int, string> item) => $"[{List(count, item)}]";

    private static string AllOf(int count, Func<int, string> schema) => $$"""{"allOf":{{Array(count, schema)}} }""";

    private static string Letters(int count) => string.Concat(Enumerable.Range(0, count).Select(i => (i * 7919 % 31 & 1) == 0 ? 'a' : 'b'));
}
