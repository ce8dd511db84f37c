using System.Text.Json;

namespace EventFunctions.Schemas;

/// <summary><c>$ref</c>, and <c>allOf</c>: every schema has to be satisfied.</summary>
internal sealed class AllOfRule(string keyword, params SchemaNode[] schemas) : SchemaRule
{
    public override IEnumerable<SchemaNode> OnSameValue => schemas;

    public override bool Check(JsonElement value, SchemaRun run)
    {
        var holds = true;
        foreach (var schema in schemas)
        {
            holds &= schema.Check(keyword, value, run);
            if (!holds && run.IsProbe)
            {
                return false;
            }
        }

        return holds;
    }
}

/// <summary><c>anyOf</c>.</summary>
internal sealed class AnyOfRule(SchemaNode[] schemas) : SchemaRule
{
    public override IEnumerable<SchemaNode> OnSameValue => schemas;

    public override bool Check(JsonElement value, SchemaRun run) =>
        Array.Exists(schemas, schema => run.Probe("anyOf", schema, value)) || run.Fail($"The value must match at least one of the {schemas.Length} schemas of anyOf.");
}

/// <summary><c>oneOf</c>.</summary>
internal sealed class OneOfRule(SchemaNode[] schemas) : SchemaRule
{
    public override IEnumerable<SchemaNode> OnSameValue => schemas;

    public override bool Check(JsonElement value, SchemaRun run)
    {
        var satisfied = schemas.Count(schema => run.Probe("oneOf", schema, value));
        return satisfied == 1 || run.Fail($"The value must match exactly one schema of oneOf; it matches {satisfied}.");
    }
}

/// <summary><c>not</c>.</summary>
internal sealed class NotRule(SchemaNode schema) : SchemaRule
{
    public override IEnumerable<SchemaNode> OnSameValue => [schema];

    public override bool Check(JsonElement value, SchemaRun run) =>
        !run.Probe("not", schema, value) || run.Fail($"The value must not match the schema of not.");
}

/// <summary><c>if</c>, <c>then</c> and <c>else</c>.</summary>
internal sealed class ConditionRule(SchemaNode condition, SchemaNode? then, SchemaNode? @else) : SchemaRule
{
    public override IEnumerable<SchemaNode> OnSameValue => new[] { condition, then, @else }.OfType<SchemaNode>();

    public override bool Check(JsonElement value, SchemaRun run) =>
        (run.Probe("if", condition, value) ? then : @else)?.Check("if", value, run) ?? true;
}
