using System.Text;
using EventFunctions.Telemetry;

namespace EventFunctions.Cli.Terminal;

/// <summary>
/// Lays JSON out anew and leaves it as it is otherwise: numbers to the last digit, strings with the escapes that they came with.
/// What would harm a terminal, which can only stand in a string, is escaped.
/// </summary>
internal static class JsonText
{
    private const string Step = "  ";

    /// <summary>The JSON on one line.</summary>
    /// <param name="json">A valid JSON text.</param>
    public static string OneLine(string json) => Write(json, indented: false);

    /// <summary>The JSON on as many lines as it has values, for a person to read.</summary>
    /// <param name="json">A valid JSON text.</param>
    public static string Indented(string json) => Write(json, indented: true);

    private static string Write(string json, bool indented)
    {
        var text = new StringBuilder(json.Length);
        var depth = 0;
        var inString = false;
        var escaped = false;
        var opened = false;
        foreach (var rune in json.EnumerateRunes())
        {
            if (inString)
            {
                SafeText.Append(text, rune);
                inString = escaped || rune.Value != '"';
                escaped = !escaped && rune.Value == '\\';
                continue;
            }

            if (rune.Value is ' ' or '\t' or '\r' or '\n')
            {
                continue;
            }

            var closes = rune.Value is '}' or ']';
            depth -= closes ? 1 : 0;
            if (indented && opened != closes)
            {
                NewLine(text, depth);
            }

            opened = rune.Value is '{' or '[';
            depth += opened ? 1 : 0;
            inString = rune.Value == '"';
            text.Append((char)rune.Value);
            if (indented && rune.Value == ',')
            {
                NewLine(text, depth);
            }
            else if (indented && rune.Value == ':')
            {
                text.Append(' ');
            }
        }

        return text.ToString();
    }

    private static void NewLine(StringBuilder text, int depth)
    {
        text.AppendLine();
        for (var i = 0; i < depth; i++)
        {
            text.Append(Step);
        }
    }
}
