using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Filters;

namespace EventFunctions.Producers.Definitions;

/// <summary>Reads the definitions of a producer's types.</summary>
internal static class TypeReader
{
    private const int MaxEntityPointers = 10;

    private static readonly TimeSpan MinExpectEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxExpectEvery = TimeSpan.FromDays(366);

    /// <summary>Reads <c>types</c>.</summary>
    public static ImmutableSortedDictionary<string, ProducerType> Read(DefinitionObject? types, DefinitionContext context)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, ProducerType>(StringComparer.Ordinal);
        foreach (var (name, json) in types?.Rest() ?? [])
        {
            if (AttributeRules.CheckValue("type", name) is { } wrong)
            {
                types!.Error(name, wrong);
            }

            if (DefinitionObject.Open(json, DefinitionPointer.Member(types!.Pointer, name), context) is { } type)
            {
                read[name] = ReadType(type, context);
            }
        }

        return read.ToImmutable();
    }

    private static ProducerType ReadType(DefinitionObject type, DefinitionContext context)
    {
        var read = new ProducerType
        {
            Entity = type.Texts("entity", MaxEntityPointers, DefinitionPointer.CheckPart),
            Schema = ReadSchema(type, "schema", context),
            DataSchema = ReadSchema(type, "dataSchema", context),
            Publish = ReadFilters(type, "publish", context),
            Enrich = ReadFilters(type, "enrich", context),
            Changes = type.Flag("changes") ?? false,
            ExpectEvery = type.Duration("expectEvery", MinExpectEvery, MaxExpectEvery),
            ExpectPerEntity = type.Flag("expectPerEntity") ?? false,
        };
        if (read is { ExpectPerEntity: true, ExpectEvery: null })
        {
            type.Error("expectPerEntity", "Allowed only with expectEvery.");
        }

        type.Close();
        return read;
    }

    private static string? ReadSchema(DefinitionObject type, string name, DefinitionContext context)
    {
        if (!TryTakeJson(type, name, context, out var json))
        {
            return null;
        }

        if (json.ValueKind is not (JsonValueKind.Object or JsonValueKind.True or JsonValueKind.False))
        {
            type.Error(name, "A JSON Schema must be an object, true or false.");
            return null;
        }

        var schema = ProducerJson.Compact(json);
        foreach (var error in context.Schemas.Check(schema))
        {
            context.Errors.Add(DefinitionPointer.Member(type.Pointer, name) + error.Pointer, error.Detail);
        }

        return schema;
    }

    // Arrays are looked into: a rule that leaves out every event with an array under its key helps nobody.
    private static AdvancedFilters ReadFilters(DefinitionObject type, string name, DefinitionContext context)
    {
        if (!TryTakeJson(type, name, context, out var json))
        {
            return AdvancedFilters.None;
        }

        var errors = new List<FilterError>();
        var filters = AdvancedFilters.Parse(json, onArrays: true, "", errors);
        foreach (var error in errors)
        {
            context.Errors.Add(DefinitionPointer.Below(DefinitionPointer.Member(type.Pointer, name), error.Pointer), error.Detail);
        }

        return filters;
    }

    // Settings are text, which would make strings of all numbers in it: there it is JSON text as a whole.
    private static bool TryTakeJson(DefinitionObject type, string name, DefinitionContext context, out JsonElement json)
    {
        if (!type.TryTake(name, out json))
        {
            return false;
        }

        if (!context.IsSettings)
        {
            return true;
        }

        if (json.ValueKind != JsonValueKind.String)
        {
            type.Error(name, "In settings, write the JSON as one string.");
            return false;
        }

        if (ProducerReader.ParseStrict(Encoding.UTF8.GetBytes(json.GetString()!), new ErrorList()) is { } parsed)
        {
            json = parsed;
            return true;
        }

        type.Error(name, "The text is not JSON, or an object has a duplicate name.");
        return false;
    }
}
