using System.Text.Json;

namespace EventFunctions.Schemas;

/// <summary><c>minItems</c> and <c>maxItems</c>.</summary>
internal sealed class ItemCountRule(int min, int max) : SchemaRule
{
    public override bool Check(JsonElement value, SchemaRun run) =>
        value.ValueKind != JsonValueKind.Array ? true
        : value.GetArrayLength() < min ? run.Fail($"The array must have at least {min} elements.")
        : value.GetArrayLength() <= max || run.Fail($"The array must have at most {max} elements.");
}

/// <summary><c>uniqueItems</c>.</summary>
internal sealed class UniqueItemsRule : SchemaRule
{
    private const string Keyword = "uniqueItems";

    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in value.EnumerateArray())
        {
            run.SpendOn(Keyword, item, OneOfValuesRule.WeightOf(item));
            if (!seen.Add(OneOfValuesRule.CanonicalForm(item)))
            {
                return run.Fail($"The elements must be unique.");
            }
        }

        return true;
    }
}

/// <summary><c>prefixItems</c> and <c>items</c>.</summary>
internal sealed class ItemsRule(SchemaNode[] prefix, SchemaNode? others) : SchemaRule
{
    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var holds = true;
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            var schema = index < prefix.Length ? prefix[index] : others;
            if (schema is null || (!holds && run.IsProbe))
            {
                break;
            }

            run.Path.Push(index++);
            holds &= schema.Check("items", item, run);
            run.Path.Pop();
        }

        return holds;
    }
}

/// <summary><c>contains</c>, <c>minContains</c> and <c>maxContains</c>.</summary>
internal sealed class ContainsRule(SchemaNode schema, int min, int max) : SchemaRule
{
    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            return true;
        }

        var count = value.EnumerateArray().Count(item => run.Probe("contains", schema, item));
        return count < min ? run.Fail($"At least {min} elements must match the schema of contains.")
            : count <= max || run.Fail($"At most {max} elements may match the schema of contains.");
    }
}
