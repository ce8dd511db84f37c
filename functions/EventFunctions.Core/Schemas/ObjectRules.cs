using System.Runtime.InteropServices;
using System.Text.Json;
using EventFunctions.Schemas.Patterns;

namespace EventFunctions.Schemas;

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
        return count < min ? run.Fail($"The object must have at least {min} members.")
            : count <= max || run.Fail($"The object must have at most {max} members.");
    }
}

/// <summary><c>required</c>, and one name of <c>dependentRequired</c>.</summary>
internal sealed class RequiredRule(string[] names, string? trigger = null) : SchemaRule
{
    // In a larger object it is quicker to list the names once than to search for each.
    private const int MaxSearchedBytes = 4_096;

    private readonly string _keyword = trigger is null ? "required" : "dependentRequired";

    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Object || (trigger is not null && !run.Has(_keyword, value, trigger)))
        {
            return true;
        }

        var holds = true;
        var present = names.Length > 1 && JsonMarshal.GetRawUtf8Value(value).Length > MaxSearchedBytes ? NamesOf(value, run) : null;
        foreach (var name in names)
        {
            if (!(present?.Contains(name) ?? run.Has(_keyword, value, name)))
            {
                run.Path.Push(name);
                holds = trigger is null ? run.Fail($"The member is required.") : run.Fail($"The member is required because of another member.");
                run.Path.Pop();
            }
        }

        return holds;
    }

    private HashSet<string> NamesOf(JsonElement value, SchemaRun run)
    {
        var present = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var name = member.Name;
            run.SpendOn(_keyword, name);
            present.Add(name);
        }

        return present;
    }
}

/// <summary><c>propertyNames</c>.</summary>
internal sealed class NamesRule(SchemaNode schema) : SchemaRule
{
    // Each name becomes a document of its own.
    private const int Weight = 8;

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
            run.SpendOn("propertyNames", name, Weight);
            run.Path.Push(name, isContent: true);
            holds &= run.Probe("propertyNames", schema, JsonSerializer.SerializeToElement(name)) || run.Fail($"The member's name must match the schema of propertyNames.");
            run.Path.Pop();
        }

        return holds;
    }
}

/// <summary><c>properties</c>, <c>patternProperties</c> and <c>additionalProperties</c>.</summary>
internal sealed class PropertiesRule(
    Dictionary<string, SchemaNode> named, (PatternProgram Pattern, SchemaNode Schema)[] matching, SchemaNode? others) : SchemaRule
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
            run.SpendOn("properties", name);
            var isKnown = named.TryGetValue(name, out var schema);
            run.Path.Push(name, isContent: !isKnown);
            if (isKnown)
            {
                holds &= schema!.Check("properties", member.Value, run);
            }

            foreach (var (pattern, matchingSchema) in matching)
            {
                run.SpendOn("patternProperties", name);
                if (run.Matches(pattern, name))
                {
                    isKnown = true;
                    holds &= matchingSchema.Check("patternProperties", member.Value, run);
                }
            }

            if (!isKnown && others is not null)
            {
                holds &= others.Check("additionalProperties", member.Value, run);
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
        value.ValueKind != JsonValueKind.Object || !run.Has("dependentSchemas", value, trigger) || schema.Check("dependentSchemas", value, run);
}
