using System.Text.RegularExpressions;
using EventFunctions.Telemetry;

namespace EventFunctions.Logging;

/// <summary>Makes text fit for a log: no secret that a URL carries, and no character that a terminal acts on.</summary>
internal static partial class LogText
{
    /// <summary>Returns the text as one line.</summary>
    /// <param name="text">Any text.</param>
    public static string Of(string text) => SafeText.Of(WithoutSecrets(text));

    /// <summary>Returns the text with its line breaks, such as a stack trace has.</summary>
    /// <param name="text">Any text.</param>
    public static string Lines(string text) =>
        string.Join('\n', WithoutSecrets(text).Replace("\r\n", "\n", StringComparison.Ordinal).Split('\n').Select(SafeText.Of));

    // Every value, because no list knows under which names customers and producers pass their tokens.
    private static string WithoutSecrets(string text) => text.AsSpan().ContainsAny("?&#@") ? Secrets().Replace(text, "$1Redacted$2") : text;

    [GeneratedRegex("""([?&#][^=&?#\s"'<>]{1,128}=)[^&#\s"'<>]+|(?<=://)[^/?#\s"'<>]+(@)""", RegexOptions.CultureInvariant)]
    private static partial Regex Secrets();
}
