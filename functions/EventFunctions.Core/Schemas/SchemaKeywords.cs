using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;
using EventFunctions.Schemas.Patterns;

namespace EventFunctions.Schemas;

/// <summary>Reads the keywords of one schema object into rules.</summary>
internal sealed class SchemaKeywords(SchemaCompiler compiler, JsonElement schema, SchemaPlace place)
{
    private readonly List<SchemaRule> _rules = [];

    public IEnumerable<SchemaRule> Read()
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            compiler.Take(SchemaCompiler.RuleBytes, keyword.Name, place);
            ReadKeyword(keyword.Name, keyword.Value, place[keyword.Name]);
        }

        ReadGroups();
        return _rules;
    }

    private void ReadKeyword(string name, JsonElement value, SchemaPlace at)
    {
        switch (name)
        {
            case "$schema" or "$id" when place == SchemaPlace.Root:
            case "title" or "description" or "default" or "examples" or "deprecated" or "readOnly" or "writeOnly" or "$comment":
            case "then" or "else" or "prefixItems" or "items" or "properties" or "patternProperties" or "additionalProperties":
            case "contains" or "minContains" or "maxContains" or "minLength" or "maxLength" or "minItems" or "maxItems" or "minProperties" or "maxProperties":
                break;
            case "$defs":
                _ = Named(name);
                break;
            case "$ref" when Text(value, at) is { } reference && compiler.Refer(reference, at) is { } referred:
                _rules.Add(new AllOfRule(name, referred));
                break;
            case "type":
                _rules.Add(new SchemaTypeRule(Types(value, at)));
                break;
            case "enum" when value.ValueKind == JsonValueKind.Array:
                _rules.Add(new OneOfValuesRule(name, value.EnumerateArray().Select(item => CanonicalForm(item, at, name))));
                break;
            case "const":
                _rules.Add(new OneOfValuesRule(name, [CanonicalForm(value, at, name)]));
                break;
            case "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" when value.ValueKind == JsonValueKind.Number:
                compiler.TakeText(value.GetRawText(), name, at);
                _rules.Add(new LimitRule(name, ExactNumber.Parse(JsonMarshal.GetRawUtf8Value(value)), value.GetRawText()));
                break;
            case "multipleOf" when value.ValueKind == JsonValueKind.Number:
                ReadMultiple(ExactNumber.Parse(JsonMarshal.GetRawUtf8Value(value)), value, at);
                break;
            case "pattern" when Text(value, at) is { } pattern:
                if (compiler.Pattern(pattern, name, at) is { } program)
                {
                    _rules.Add(new PatternRule(program));
                }

                break;
            case "format" when Text(value, at) is { } format:
                ReadFormat(format, at);
                break;
            case "uniqueItems" when value.ValueKind is JsonValueKind.True or JsonValueKind.False:
                if (value.ValueKind == JsonValueKind.True)
                {
                    _rules.Add(new UniqueItemsRule());
                }

                break;
            case "required":
                _rules.Add(new RequiredRule(Names(value, at)));
                break;
            case "dependentRequired" when value.ValueKind == JsonValueKind.Object:
                _rules.AddRange(value.EnumerateObject().Select(member => new RequiredRule(Names(member.Value, at[member.Name]), member.Name)));
                break;
            case "dependentSchemas":
                _rules.AddRange(Named(name).Select(pair => new DependentRule(pair.Key, pair.Value)));
                break;
            case "propertyNames":
                _rules.Add(new NamesRule(compiler.Node(value, at)));
                break;
            case "allOf":
                _rules.Add(new AllOfRule(name, List(name)));
                break;
            case "anyOf":
                _rules.Add(new AnyOfRule(List(name)));
                break;
            case "oneOf":
                _rules.Add(new OneOfRule(List(name)));
                break;
            case "not":
                _rules.Add(new NotRule(compiler.Node(value, at)));
                break;
            case "if":
                _rules.Add(new ConditionRule(compiler.Node(value, at), Schema("then"), Schema("else")));
                break;
            case "$ref" or "pattern" or "format":
                break;
            case "enum" or "minimum" or "maximum" or "exclusiveMinimum" or "exclusiveMaximum" or "multipleOf" or "uniqueItems" or "dependentRequired":
                compiler.Refuse(at, $"The value of {name} does not have the type that JSON Schema requires.");
                break;
            default:
                compiler.Refuse(at, $"Unknown keyword \"{name}\". It would not be checked; remove it.");
                break;
        }
    }

    // Keywords that only together make a rule.
    private void ReadGroups()
    {
        ReadRange("minLength", "maxLength", (min, max) => new LengthRule(min, max));
        ReadRange("minItems", "maxItems", (min, max) => new ItemCountRule(min, max));
        ReadRange("minProperties", "maxProperties", (min, max) => new PropertyCountRule(min, max));
        if (schema.TryGetProperty("contains", out var contains))
        {
            _rules.Add(new ContainsRule(
                compiler.Node(contains, place["contains"]), Count("minContains") ?? 1, Count("maxContains") ?? int.MaxValue));
        }
        else
        {
            _ = (Count("minContains"), Count("maxContains"));
        }

        if (schema.TryGetProperty("prefixItems", out _) || schema.TryGetProperty("items", out _))
        {
            _rules.Add(new ItemsRule(schema.TryGetProperty("prefixItems", out _) ? List("prefixItems") : [], Schema("items")));
        }

        if (schema.TryGetProperty("properties", out _) || schema.TryGetProperty("patternProperties", out _) || schema.TryGetProperty("additionalProperties", out _))
        {
            _rules.Add(new PropertiesRule(Named("properties"), Matching(), Schema("additionalProperties")));
        }

        if (!schema.TryGetProperty("if", out _))
        {
            _ = (Schema("then"), Schema("else"));
        }
    }

    private void ReadRange(string minName, string maxName, Func<int, int, SchemaRule> create)
    {
        var (min, max) = (Count(minName), Count(maxName));
        if (min is not null || max is not null)
        {
            _rules.Add(create(min ?? 0, max ?? int.MaxValue));
        }
    }

    private void ReadMultiple(ExactNumber divisor, JsonElement value, SchemaPlace at)
    {
        if (divisor.IsZero || divisor.IsNegative || divisor.Digits.Length > ExactDivisor.MaxDigits)
        {
            compiler.Refuse(at, $"multipleOf must be a number above zero of at most {ExactDivisor.MaxDigits} digits.");
            return;
        }

        compiler.TakeText(value.GetRawText(), "multipleOf", at);
        _rules.Add(new MultipleRule(new ExactDivisor(divisor), value.GetRawText()));
    }

    private string CanonicalForm(JsonElement value, SchemaPlace at, string keyword)
    {
        var form = OneOfValuesRule.CanonicalForm(value);
        compiler.TakeText(form, keyword, at);
        return form;
    }

    private void ReadFormat(string format, SchemaPlace at)
    {
        if (!FormatRule.Known.Contains(format))
        {
            compiler.Refuse(at, $"Must be one of the supported formats: {string.Join(", ", FormatRule.Known)}.");
        }

        _rules.Add(new FormatRule(format));
    }

    private SchemaTypes Types(JsonElement value, SchemaPlace at)
    {
        var names = value.ValueKind == JsonValueKind.Array ? Names(value, at) : [Text(value, at) ?? "null"];
        var types = SchemaTypes.None;
        foreach (var name in names)
        {
            var type = name switch
            {
                "null" => SchemaTypes.Null,
                "boolean" => SchemaTypes.Boolean,
                "object" => SchemaTypes.Object,
                "array" => SchemaTypes.Array,
                "number" => SchemaTypes.Number,
                "string" => SchemaTypes.String,
                "integer" => SchemaTypes.Integer,
                _ => SchemaTypes.None,
            };
            if (type == SchemaTypes.None)
            {
                compiler.Refuse(at, "A type must be one of null, boolean, object, array, number, string, integer.");
            }

            types |= type;
        }

        return types;
    }

    private int? Count(string name)
    {
        if (!schema.TryGetProperty(name, out var value))
        {
            return null;
        }

        if (value.ValueKind == JsonValueKind.Number && ExactNumber.Parse(JsonMarshal.GetRawUtf8Value(value)).TryGetCount(out var count))
        {
            return count;
        }

        compiler.Refuse(place[name], $"{name} must be a whole number from 0 to {int.MaxValue}.");
        return null;
    }

    private string? Text(JsonElement value, SchemaPlace at)
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString();
        }

        compiler.Refuse(at, "The value must be a string.");
        return null;
    }

    private string[] Names(JsonElement value, SchemaPlace at)
    {
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(name => name.ValueKind == JsonValueKind.String))
        {
            return [.. value.EnumerateArray().Select(name => Kept(name.GetString()!, "required", at))];
        }

        compiler.Refuse(at, "The value must be an array of strings.");
        return [];
    }

    private SchemaNode? Schema(string name) =>
        schema.TryGetProperty(name, out var value) ? compiler.Node(value, place[name]) : null;

    private SchemaNode[] List(string name)
    {
        var value = schema.GetProperty(name);
        if (value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0)
        {
            return [.. value.EnumerateArray().Select((item, index) => compiler.Node(item, place[name][index.ToString(CultureInfo.InvariantCulture)]))];
        }

        compiler.Refuse(place[name], $"{name} must be an array of at least one schema.");
        return [];
    }

    private Dictionary<string, SchemaNode> Named(string name)
    {
        if (!schema.TryGetProperty(name, out var value))
        {
            return [];
        }

        if (value.ValueKind == JsonValueKind.Object)
        {
            return value.EnumerateObject().ToDictionary(
                member => Kept(member.Name, name, place[name]), member => compiler.Node(member.Value, place[name][member.Name]), StringComparer.Ordinal);
        }

        compiler.Refuse(place[name], $"{name} must be an object whose members are schemas.");
        return [];
    }

    private (PatternProgram Pattern, SchemaNode Schema)[] Matching() =>
        [.. Named("patternProperties")
            .Select(pair => (Pattern: compiler.Pattern(pair.Key, "patternProperties", place["patternProperties"][pair.Key]), pair.Value))
            .Where(pair => pair.Pattern is not null)
            .Select(pair => (pair.Pattern!, pair.Value))];

    private string Kept(string text, string keyword, SchemaPlace at)
    {
        compiler.TakeText(text, keyword, at);
        return text;
    }
}
