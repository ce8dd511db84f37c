using System.Globalization;
using System.Text.Json;
using EventFunctions.CloudEvents;

namespace EventFunctions.Intake.Messages;

/// <summary>A JSON pointer (RFC 6901) in its plain form, such as <c>/policy/number</c>; the empty text is the whole.</summary>
internal sealed class MessagePointer
{
    private readonly string[] _tokens;

    /// <summary>Reads a pointer.</summary>
    /// <param name="text">The pointer.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public MessagePointer(string text)
    {
        if (text.Length > 0 && text[0] != '/')
        {
            throw new FormatException($"\"{text}\" is not a JSON pointer (RFC 6901). A pointer begins with \"/\".");
        }

        _tokens = text.Length == 0 ? [] : [.. text[1..].Split('/').Select(Unescape)];
    }

    /// <summary>The names and indexes from the whole inwards.</summary>
    public ReadOnlySpan<string> Tokens => _tokens;

    /// <summary>The pointer as a URI fragment, as errors have it.</summary>
    public string Fragment
    {
        get
        {
            var path = new JsonPath();
            foreach (var token in _tokens)
            {
                path.Push(token);
            }

            return path.ToPointer();
        }
    }

    /// <summary>Returns the value that the pointer selects; null if there is none.</summary>
    /// <param name="whole">The value that it starts from.</param>
    public JsonElement? Find(JsonElement whole)
    {
        var found = whole;
        foreach (var token in _tokens)
        {
            if (found.ValueKind == JsonValueKind.Object && found.TryGetProperty(token, out var member))
            {
                found = member;
            }
            else if (found.ValueKind == JsonValueKind.Array && IndexOf(token) is { } index && index < found.GetArrayLength())
            {
                found = found[index];
            }
            else
            {
                return null;
            }
        }

        return found;
    }

    /// <summary>Returns the index in a token; null if the token is not an index.</summary>
    /// <param name="token">A token: digits without leading zeros.</param>
    public static int? IndexOf(string token) =>
        (token == "0" || !token.StartsWith('0')) && int.TryParse(token, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;

    private static string Unescape(string token) =>
        token.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
}
