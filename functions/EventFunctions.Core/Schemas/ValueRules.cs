using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;

namespace EventFunctions.Schemas;

/// <summary>The types that JSON Schema tells apart; <c>Number</c> includes every <c>Integer</c>.</summary>
[Flags]
internal enum SchemaTypes
{
    None = 0,
    Null = 1,
    Boolean = 2,
    Object = 4,
    Array = 8,
    Number = 16,
    String = 32,
    Integer = 64,
}

/// <summary>The schemas <c>true</c> and <c>false</c>; only the latter has a rule.</summary>
internal sealed class NothingRule : SchemaRule
{
    public override bool Check(JsonElement value, SchemaRun run) => run.Fail($"The schema allows no value here.");
}

/// <summary><c>type</c>.</summary>
internal sealed class SchemaTypeRule(SchemaTypes types) : SchemaRule
{
    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind == JsonValueKind.Number)
        {
            run.SpendOn("type", value, ExactNumber.Weight);
        }

        return (types & TypeOf(value)) != 0
            || run.Fail($"The value must be of type {types.ToString().ToLowerInvariant().Replace(", ", " or ", StringComparison.Ordinal)}.");
    }

    private static SchemaTypes TypeOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => SchemaTypes.Object,
        JsonValueKind.Array => SchemaTypes.Array,
        JsonValueKind.String => SchemaTypes.String,
        JsonValueKind.True or JsonValueKind.False => SchemaTypes.Boolean,
        JsonValueKind.Number when IsInteger(JsonMarshal.GetRawUtf8Value(value)) => SchemaTypes.Number | SchemaTypes.Integer,
        JsonValueKind.Number => SchemaTypes.Number,
        _ => SchemaTypes.Null,
    };

    private static bool IsInteger(ReadOnlySpan<byte> number) => !number.ContainsAny(".eE"u8) || ExactNumber.Parse(number).IsInteger;
}

/// <summary><c>enum</c>, and <c>const</c> as one of one. Values are equal when their canonical forms are.</summary>
internal sealed class OneOfValuesRule(string keyword, IEnumerable<string> canonicalForms) : SchemaRule
{
    private readonly HashSet<string> _values = canonicalForms.ToHashSet(StringComparer.Ordinal);

    public override bool Check(JsonElement value, SchemaRun run)
    {
        run.SpendOn(keyword, value, WeightOf(value));
        return _values.Contains(CanonicalForm(value)) || run.Fail($"The value is not one of the allowed values.");
    }

    /// <summary>How much longer a canonical form takes than a look at each byte: members have to be put in order.</summary>
    public static int WeightOf(JsonElement value) => value.ValueKind is JsonValueKind.Object or JsonValueKind.Array ? 16 : 6;

    /// <summary>The text that equal values share.</summary>
    public static string CanonicalForm(JsonElement value)
    {
        var raw = JsonMarshal.GetRawUtf8Value(value);
        using var buffer = new CanonicalBuffer(raw.Length);
        CanonicalJson.Write(raw, buffer);
        return Encoding.UTF8.GetString(buffer.Written);
    }
}

/// <summary><c>minimum</c>, <c>maximum</c> and their exclusive forms.</summary>
internal sealed class LimitRule(string keyword, ExactNumber limit, string limitText) : SchemaRule
{
    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            return true;
        }

        var raw = JsonMarshal.GetRawUtf8Value(value);
        run.SpendOn(keyword, value, ExactNumber.Weight);
        var order = ExactNumber.Parse(raw).CompareTo(limit);
        return keyword switch
        {
            "minimum" => order >= 0 || run.Fail($"The number must be at least {limitText}."),
            "maximum" => order <= 0 || run.Fail($"The number must be at most {limitText}."),
            "exclusiveMinimum" => order > 0 || run.Fail($"The number must be more than {limitText}."),
            _ => order < 0 || run.Fail($"The number must be less than {limitText}."),
        };
    }
}

/// <summary><c>multipleOf</c>.</summary>
internal sealed class MultipleRule(ExactDivisor divisor, string divisorText) : SchemaRule
{
    private const string Keyword = "multipleOf";

    public override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            return true;
        }

        run.SpendOn(Keyword, value, ExactNumber.Weight);
        var number = ExactNumber.Parse(JsonMarshal.GetRawUtf8Value(value));
        run.Spend(Keyword, divisor.StepsFor(number));
        return divisor.Divides(number) || run.Fail($"The number must be a multiple of {divisorText}.");
    }
}
