using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EventFunctions.Preparation.Schemas;

/// <summary><c>minProperties</c> and <c>maxProperties</c>.</summary>
internal sealed class PropertyCountRule(int min, int max) : SchemaRule
{
    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var count = value.GetPropertyCount();
        return count < min ? run.Fail($"The object has to have {min} members at least.")
            : count <= max || run.Fail($"The object may have {max} members at most.");
    }
}

/// <summary><c>required</c>, and one name of <c>dependentRequired</c>.</summary>
internal sealed class RequiredRule(string[] names, string? trigger = null) : SchemaRule
{
    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Object || (trigger is not null && !run.Has(value, trigger)))
        {
            return true;
        }

        var holds = true;
        foreach (var name in names)
        {
            if (!run.Has(value, name))
            {
                run.Path.Push(name);
                holds = run.Fail(trigger is null ? "The member is required." : "The member is required beside another that is there.");
                run.Path.Pop();
            }
        }

        return holds;
    }
}

/// <summary><c>propertyNames</c>.</summary>
internal sealed class NamesRule(SchemaNode schema) : SchemaRule
{
    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var holds = true;
        foreach (var member in value.EnumerateObject())
        {
            var name = member.Name;
            run.Spend(name.Length);
            run.Path.Push(name, isContent: true);
            holds &= run.Probe(schema, JsonSerializer.SerializeToElement(name)) || run.Fail("The member's name does not satisfy the schema of names.");
            run.Path.Pop();
        }

        return holds;
    }
}

/// <summary><c>properties</c>, <c>patternProperties</c> and <c>additionalProperties</c>.</summary>
internal sealed class PropertiesRule(
    IReadOnlyDictionary<string, SchemaNode> named, (Regex Pattern, SchemaNode Schema)[] matching, SchemaNode? others) : SchemaRule
{
    private readonly FrozenDictionary<string, SchemaNode> _named = named.ToFrozenDictionary(StringComparer.Ordinal);

    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return true;
        }

        var holds = true;
        foreach (var member in value.EnumerateObject())
        {
            var name = member.Name;
            run.Spend(name.Length);
            var isKnown = _named.TryGetValue(name, out var schema);
            run.Path.Push(name, isContent: !isKnown);
            if (isKnown)
            {
                holds &= schema!.Check(member.Value, run);
            }

            foreach (var (pattern, matchingSchema) in matching)
            {
                run.Spend(name.Length);
                if (run.Matches(pattern, name))
                {
                    isKnown = true;
                    holds &= matchingSchema.Check(member.Value, run);
                }
            }

            if (!isKnown && others is not null)
            {
                holds &= others.Check(member.Value, run);
            }

            run.Path.Pop();
            if (!holds && run.IsProbe)
            {
                return false;
            }
        }

        return holds;
    }
}

/// <summary>One name of <c>dependentSchemas</c>.</summary>
internal sealed class DependentRule(string trigger, SchemaNode schema) : SchemaRule
{
    public override IEnumerable<SchemaNode> OnSameValue => [schema];

    public override bool Check(JsonElement value, SchemaRun run) =>
        value.ValueKind != JsonValueKind.Object || !run.Has(value, trigger) || schema.Check(value, run);
}
