using System.Text.Json;
using EventFunctions.Schemas;

namespace EventFunctions.Tests.Preparation;

/// <summary>The official test suite of JSON Schema, as far as its keywords are known here.</summary>
public sealed class JsonSchemaSuiteTests
{
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 64 };

    // Times are held to what CloudEvents allows for its own; addresses in URIs to what .NET can dial.
    private static readonly (string File, string Test)[] Deviations =
    [
        ("optional/format/uri-reference", "validation of URI References: a leading zero in the IPv4 part of an IPv6 literal"),
    ];

    public static TheoryData<string> Files => [.. ReadSuite().Select(file => file.GetProperty("file").GetString()!)];

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_accepted_as_a_schema_decides_as_the_suite_says(string file)
    {
        var schemas = new JsonSchemas();
        List<string> wrong = [];
        foreach (var group in ReadSuite().Single(line => line.GetProperty("file").GetString() == file).GetProperty("groups").EnumerateArray())
        {
            var schema = group.GetProperty("schema").GetRawText();
            if (JsonSchemas.Check(schema).Count > 0)
            {
                continue;
            }

            wrong.AddRange(group.GetProperty("tests").EnumerateArray()
                .Where(test => (schemas.Validate(schema, test.GetProperty("data")).Count == 0) != test.GetProperty("valid").GetBoolean())
                .Select(test => $"{group.GetProperty("description")}: {test.GetProperty("description")}"));
        }

        Assert.Equal(Deviations.Where(deviation => deviation.File == file).Select(deviation => deviation.Test), wrong);
    }

    [Fact]
    public void Only_what_the_documentation_leaves_out_is_refused()
    {
        var groups = ReadSuite().SelectMany(file => file.GetProperty("groups").EnumerateArray()).ToList();
        var refused = groups.Select(group => JsonSchemas.Check(group.GetProperty("schema").GetRawText())).Where(errors => errors.Count > 0).ToList();

        Assert.Equal(
            ["$anchor", "$id", "$ref", "pattern", "patternProperties", "unevaluatedProperties"],
            refused.SelectMany(errors => errors).Select(KeywordOf).Distinct().Order(StringComparer.Ordinal));
        Assert.InRange(refused.Count, 1, groups.Count / 8);
    }

    private static string KeywordOf(SchemaError error)
    {
        var tokens = error.Pointer.Split('/').Select(Uri.UnescapeDataString).ToList();
        return tokens[^2] == "patternProperties" ? tokens[^2] : tokens[^1];
    }

    private static IEnumerable<JsonElement> ReadSuite()
    {
        using var stream = typeof(JsonSchemaSuiteTests).Assembly.GetManifestResourceStream("draft2020-12.jsonl")!;
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            yield return JsonDocument.Parse(line, Options).RootElement;
        }
    }
}
