using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Schemas.Patterns;

namespace EventFunctions.Schemas;

/// <summary>A rule for strings.</summary>
/// <param name="keyword">The keyword that pays for reading the string.</param>
/// <param name="weight">How much longer the check takes than a look at each byte.</param>
internal abstract class StringRule(string keyword, int weight = 1) : SchemaRule
{
    public sealed override bool Check(JsonElement value, SchemaRun run)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return true;
        }

        run.SpendOn(keyword, value, weight);
        return Check(value.GetString()!, run);
    }

    protected abstract bool Check(string text, SchemaRun run);
}

/// <summary><c>minLength</c> and <c>maxLength</c>, in Unicode code points.</summary>
internal sealed class LengthRule(int min, int max) : StringRule("maxLength")
{
    protected override bool Check(string text, SchemaRun run)
    {
        var length = text.Length;
        foreach (var unit in text)
        {
            length -= char.IsLowSurrogate(unit) ? 1 : 0;
        }

        return length < min ? run.Fail($"The string must have at least {min} characters.")
            : length <= max || run.Fail($"The string must have at most {max} characters.");
    }
}

/// <summary><c>pattern</c>.</summary>
internal sealed class PatternRule(PatternProgram pattern) : StringRule("pattern")
{
    protected override bool Check(string text, SchemaRun run) => run.Matches(pattern, text) || run.Fail($"The string must match the pattern.");
}

/// <summary><c>format</c>, which is always checked: a format that is not is refused with the schema.</summary>
internal sealed class FormatRule(string format) : StringRule("format", weight: 6)
{
    /// <summary>The formats that are checked.</summary>
    public static IReadOnlyList<string> Known { get; } = ["date", "date-time", "uri", "uri-reference", "uuid"];

    protected override bool Check(string text, SchemaRun run) => Matches(text) || run.Fail($"The string must have the format {format}.");

    private bool Matches(string text) => format switch
    {
        "date" => text.Length == 10 && DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "date-time" => AttributeRules.CheckValue("time", text.ToUpperInvariant()) is null,
        "uri" => UriSyntax.IsReference(text) && UriSyntax.IsAbsolute(text.Split('#')[0]),
        "uri-reference" => UriSyntax.IsReference(text),
        _ => text.Length == 36 && Guid.TryParseExact(text, "D", out _),
    };
}
