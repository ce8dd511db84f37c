using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using EventFunctions.Enrichment;
using EventFunctions.Tests.Intake;

namespace EventFunctions.Tests.Enrichment;

public sealed class JsonPatchDiffTests
{
    private static string Diff(string before, string after, int maxBytes = 1_000_000)
    {
        using var old = JsonDocument.Parse(before);
        using var current = JsonDocument.Parse(after);
        return JsonPatchDiff.Compute(old.RootElement, current.RootElement, maxBytes) is { } patch ? Encoding.UTF8.GetString(patch.Span) : "";
    }

    [Fact]
    public void Applied_to_what_was_a_patch_gives_what_is() =>
        Gen.Select(SpelledJson.Value, SpelledJson.Value, SpelledJson.Value, Gen.Int).Sample(
            (a, b, c, seed) =>
            {
                var random = new Random(seed);
                var (before, after) = ($"[{a.Spell(random)},{b.Spell(random)}]", $"[{a.Spell(random)},{c.Spell(random)}]");
                var patched = Apply(before, Diff(before, after));

                using var expected = JsonDocument.Parse(after);
                using var actual = JsonDocument.Parse(patched);
                Assert.True(JsonElement.DeepEquals(expected.RootElement, actual.RootElement), $"{before} to {after} is not {Diff(before, after)}");
            },
            iter: 2_000);

    [Theory]
    [InlineData("""{"a":1,"b":[1,2]}""", """{ "b": [1.0, 2], "a": 1 }""", "[]")]
    [InlineData("""{"a":1}""", """{"b":2}""", """[{"op":"remove","path":"/a"},{"op":"add","path":"/b","value":2}]""")]
    [InlineData("""{"a":{"b/c~d":1}}""", """{"a":{"b/c~d":2}}""", """[{"op":"replace","path":"/a/b~1c~0d","value":2}]""")]
    [InlineData("[1,2,3,4]", "[1,9,3,4]", """[{"op":"replace","path":"/1","value":9}]""")]
    [InlineData("[1,2,3,4]", "[1,4]", """[{"op":"remove","path":"/2"},{"op":"remove","path":"/1"}]""")]
    [InlineData("[1,4]", "[1,2,3,4]", """[{"op":"add","path":"/1","value":2},{"op":"add","path":"/2","value":3}]""")]
    [InlineData("[{\"a\":1,\"b\":2}]", "[{\"a\":1,\"b\":3}]", """[{"op":"replace","path":"/0/b","value":3}]""")]
    [InlineData("1", "[]", """[{"op":"replace","path":"","value":[]}]""")]
    public void A_patch_says_no_more_than_what_changed(string before, string after, string patch) => Assert.Equal(patch, Diff(before, after));

    [Fact]
    public void Numbers_keep_and_count_all_their_digits()
    {
        const string Before = """{"n":123456789012345678901234567890.12}""";

        Assert.Equal(
            """[{"op":"replace","path":"/n","value":123456789012345678901234567890.13}]""",
            Diff(Before, """{"n":123456789012345678901234567890.13}"""));
    }

    [Fact]
    public void What_is_larger_than_the_limit_is_no_patch()
    {
        var after = JsonSerializer.Serialize(Enumerable.Range(0, 100));

        Assert.Equal("", Diff("[]", after, maxBytes: 500));
        Assert.NotEqual("", Diff("[]", after, maxBytes: 5_000));
    }

    // An applier of RFC 6902 that shares nothing with the diff.
    private static string Apply(string document, string patch)
    {
        var root = JsonNode.Parse(document);
        foreach (var step in JsonNode.Parse(patch)!.AsArray())
        {
            var tokens = step!["path"]!.GetValue<string>().Split('/').Skip(1).Select(t => t.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)).ToList();
            var (op, value) = (step["op"]!.GetValue<string>(), step["value"]?.DeepClone());
            if (tokens.Count == 0)
            {
                root = value;
                continue;
            }

            var parent = tokens.SkipLast(1).Aggregate(root, (node, token) => node is JsonArray list ? list[int.Parse(token, System.Globalization.CultureInfo.InvariantCulture)] : node![token]);
            switch (parent, op)
            {
                case (JsonObject members, "remove"):
                    Assert.True(members.Remove(tokens[^1]));
                    break;
                case (JsonObject members, _):
                    Assert.Equal(op == "replace", members.ContainsKey(tokens[^1]));
                    members[tokens[^1]] = value;
                    break;
                case (JsonArray list, "remove"):
                    list.RemoveAt(int.Parse(tokens[^1], System.Globalization.CultureInfo.InvariantCulture));
                    break;
                case (JsonArray list, "add"):
                    list.Insert(int.Parse(tokens[^1], System.Globalization.CultureInfo.InvariantCulture), value);
                    break;
                default:
                    parent!.AsArray()[int.Parse(tokens[^1], System.Globalization.CultureInfo.InvariantCulture)] = value;
                    break;
            }
        }

        return root?.ToJsonString() ?? "null";
    }
}
