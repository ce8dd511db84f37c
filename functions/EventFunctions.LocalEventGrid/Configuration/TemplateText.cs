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
                    if (Resolved(value) is { } resolved)
                    {
                        owner[name] = resolved;
                    }
                }

                break;
            case JsonArray list:
                for (var i = 0; i < list.Count; i++)
                {
                    if (Resolved(list[i]) is { } resolved)
                    {
                        list[i] = resolved;
                    }
                }

                break;
            default:
                break;
        }
    }

    // Null where the value stays, perhaps with other values in it.
    private string? Resolved(JsonNode? value)
    {
        if (value is JsonValue text)
        {
            return text.TryGetValue(out string? expression) ? Value(expression) : null;
        }

        Resolve(value);
        return null;
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
            : DefaultOf(term.Groups["parameter"].Value)).ToList();
        return Whole().IsMatch(terms) && !values.Contains(null) ? string.Concat(values) : null;
    }

    private string? DefaultOf(string parameter) =>
        (parameters?[parameter] as JsonObject)?["defaultValue"] is JsonValue value && value.TryGetValue(out string? text) ? text : null;

    [GeneratedRegex(@"^concat\((.*)\)$", RegexOptions.IgnoreCase)]
    private static partial Regex Concat();

    [GeneratedRegex(@"parameters\('(?<parameter>[^']+)'\)|'(?<text>(?:[^']|'')*)'", RegexOptions.IgnoreCase)]
    private static partial Regex Term();

    [GeneratedRegex(@"^\s*(?:parameters\('[^']+'\)|'(?:[^']|'')*')\s*(?:,\s*(?:parameters\('[^']+'\)|'(?:[^']|'')*')\s*)*$", RegexOptions.IgnoreCase)]
    private static partial Regex Whole();
}
