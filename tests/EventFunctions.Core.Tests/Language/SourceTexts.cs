using System.Text.RegularExpressions;

namespace EventFunctions.Tests.Language;

/// <summary>The texts of a C# file that a person reads.</summary>
internal static partial class SourceTexts
{
    private const RegexOptions Options = RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture;

    /// <summary>Returns string literals of more than one word, without the values that they interpolate.</summary>
    public static IEnumerable<(int Line, string Text)> Strings(string code) =>
        from token in Token().Matches(code)
        where token.Groups["text"].Success
        let text = Hole().Replace(token.Groups["text"].Value, "…")
        where Words().IsMatch(text)
        select (Line(code, token.Index), text);

    /// <summary>Returns the texts of summaries, without their tags.</summary>
    public static IEnumerable<(int Line, string Text)> Summaries(string code) =>
        from summary in Summary().Matches(code)
        select (Line(code, summary.Index), Markup().Replace(summary.Groups["text"].Value, " "));

    private static int Line(string code, int index) => code.AsSpan(0, index).Count('\n') + 1;

    // Comments and characters come first, so that a quote in them opens no string.
    [GeneratedRegex(
        """
        //[^\n]*|'(\\.[^']*|[^'\\\n])'
        |\$*(?<quotes>"{3,})(?<text>.*?)\k<quotes>
        |(\$@|@\$?)"(?<text>([^"]|"")*)"
        |\$"(?<text>(\\.|\{\{|\{([^{}"]|"(\\.|[^"\\])*"|\{[^{}]*\})*\}|[^"\\{])*)"
        |"(?<text>(\\.|[^"\\])*)"
        """,
        Options | RegexOptions.Singleline | RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex Token();

    [GeneratedRegex("""\{([^{}"]|"(\\.|[^"\\])*"|\{[^{}]*\})*\}""", Options)]
    private static partial Regex Hole();

    [GeneratedRegex("[A-Za-z]{2,} [A-Za-z]", Options)]
    private static partial Regex Words();

    [GeneratedRegex("<summary>(?<text>.*?)</summary>", Options | RegexOptions.Singleline)]
    private static partial Regex Summary();

    [GeneratedRegex("\\s*///\\s*|<[^>]*>", Options)]
    private static partial Regex Markup();
}
