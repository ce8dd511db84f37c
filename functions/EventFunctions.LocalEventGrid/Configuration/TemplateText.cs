using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Works out the expressions that an exported template has: <c>[parameters('name')]</c> by the parameter's default, and
/// <c>[concat(…)]</c> of such and of texts.
/// </summary>
/// <param name="parameters">The template's parameters.</param>
internal sealed partial class TemplateText(JsonObject? parameters)
{
    /// <summary>Replaces the expressions within a value.</summary>
    /// <param name="node">The value; it is changed.</param>
    public void Resolve(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject owner:
                foreach (var (name, value) in owner.ToList())
                {
                    owner[name] = Resolved(value);
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    list[i] = Resolved(list[i]);
                }

                break;
            default:
                break;
        }
    }

    private JsonNode? Resolved(JsonNode? value)
    {
        if (value is JsonValue text && text.TryGetValue(out string? expression) && Value(expression) is { } resolved)
        {
            return resolved;
        }

        Resolve(value);
        return value?.DeepClone();
    }

    // Null where it is no expression, or another than those.
    private string? Value(string text)
    {
        if (text is not ['[', not '[', .., ']'])
        {
            return null;
        }

        var inner = text[1..^1].Trim();
        var terms = Concat().Match(inner) is { Success: true } concat ? concat.Groups[1].Value : inner;
        var values = Term().Matches(terms).Select(term => term.Groups["text"] is { Success: true } literal
            ? literal.Value.Replace("''", "'", StringComparison.Ordinal)
            : (string?)(parameters?[term.Groups["parameter"].Value]?["defaultValue"] as JsonValue)).ToList();
        return Whole().IsMatch(terms) && !values.Contains(null) ? string.Concat(values) : null;
    }

    [GeneratedRegex(@"^concat\((.*)\)$", RegexOptions.IgnoreCase)]
    private static partial Regex Concat();

    [GeneratedRegex(@"parameters\('(?<parameter>[^']+)'\)|'(?<text>(?:[^']|'')*)'", RegexOptions.IgnoreCase)]
    private static partial Regex Term();

    [GeneratedRegex(@"^\s*(?:parameters\('[^']+'\)|'(?:[^']|'')*')\s*(?:,\s*(?:parameters\('[^']+'\)|'(?:[^']|'')*')\s*)*$", RegexOptions.IgnoreCase)]
    private static partial Regex Whole();
}
