using System.Collections.Immutable;
using System.Text.RegularExpressions;

namespace EventFunctions.Definitions;

/// <summary>A text with placeholders in braces, such as <c>{timestamp}.{body}</c>.</summary>
internal sealed partial class TextTemplate
{
    private TextTemplate(ImmutableArray<TemplatePart> parts) => Parts = parts;

    /// <summary>The text in pieces, in order.</summary>
    public ImmutableArray<TemplatePart> Parts { get; }

    /// <summary>The names within the braces, in order.</summary>
    public IEnumerable<string> Placeholders => Parts.Where(part => part.IsPlaceholder).Select(part => part.Text);

    /// <summary>Reads a template. A brace that belongs to no pair stands for itself.</summary>
    public static TextTemplate Parse(string text)
    {
        var parts = ImmutableArray.CreateBuilder<TemplatePart>();
        var end = 0;
        foreach (var match in Pattern().Matches(text).Cast<Match>())
        {
            if (match.Index > end)
            {
                parts.Add(new TemplatePart(text[end..match.Index], IsPlaceholder: false));
            }

            parts.Add(new TemplatePart(match.Value[1..^1], IsPlaceholder: true));
            end = match.Index + match.Length;
        }

        if (end < text.Length)
        {
            parts.Add(new TemplatePart(text[end..], IsPlaceholder: false));
        }

        return new TextTemplate(parts.ToImmutable());
    }

    [GeneratedRegex(@"\{[^{}]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}

/// <summary>A piece of a template.</summary>
/// <param name="Text">The text itself, or the name within the braces.</param>
/// <param name="IsPlaceholder">Whether it is such a name.</param>
internal readonly record struct TemplatePart(string Text, bool IsPlaceholder);
