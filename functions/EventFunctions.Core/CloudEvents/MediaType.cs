using System.Buffers;
using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>A media type by the grammar of RFC 2045 §5.1, without comments.</summary>
public sealed class MediaType
{
    private const string CharsetParameter = "charset";

    private static readonly SearchValues<char> TokenCharacters = SearchValues.Create(
        "!#$%&'*+-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ^_`abcdefghijklmnopqrstuvwxyz{|}~");

    // Nearly every event has this one.
    private static readonly MediaType Json = new("application/json", []);

    private readonly List<KeyValuePair<string, string>> _parameters;

    private MediaType(string name, List<KeyValuePair<string, string>> parameters) => (Name, _parameters) = (name, parameters);

    /// <summary>Type and subtype in lower case, such as <c>application/json</c>.</summary>
    public string Name { get; }

    /// <summary>The <c>charset</c> parameter in lower case; null if absent.</summary>
    public string? Charset => _parameters.FindLast(parameter => parameter.Key == CharsetParameter).Value;

    /// <summary>Whether it is <c>text/*</c>, and no JSON.</summary>
    public bool IsText => Name.StartsWith("text/", StringComparison.Ordinal) && !IsJson;

    /// <summary>Whether CloudEvents' JSON format treats data of this type as JSON: <c>*/json</c> and <c>*/*+json</c>.</summary>
    public bool IsJson => Name.EndsWith("/json", StringComparison.Ordinal) || Name.EndsWith("+json", StringComparison.Ordinal);

    /// <summary>Reads a media type.</summary>
    /// <param name="text">For example the value of a <c>Content-Type</c> header.</param>
    /// <returns>Null where it is none.</returns>
    public static MediaType? TryParse(string text)
    {
        if (text == Json.Name)
        {
            return Json;
        }

        var rest = text.AsSpan().Trim(" \t");
        if (!TakeToken(ref rest, out var type) || !Take(ref rest, '/') || !TakeToken(ref rest, out var subtype))
        {
            return null;
        }

        var name = $"{type}/{subtype}".ToLowerInvariant();
        var parameters = new List<KeyValuePair<string, string>>();
        for (rest = rest.TrimStart(" \t"); !rest.IsEmpty; rest = rest.TrimStart(" \t"))
        {
            if (!Take(ref rest, ';'))
            {
                return null;
            }

            rest = rest.TrimStart(" \t");
            if (!TakeToken(ref rest, out var attribute) || !Take(ref rest, '=') || !TakeValue(ref rest, out var value))
            {
                return null;
            }

            var parameter = attribute.ToString().ToLowerInvariant();
            parameters.Add(new(parameter, parameter == CharsetParameter ? value.ToLowerInvariant() : value));
        }

        return new MediaType(name, parameters);
    }

    /// <summary>The canonical spelling: lower-case names and charset, ordered parameters, no white space, no needless quotes.</summary>
    /// <param name="withCharset">Whether the charset belongs to it.</param>
    public string Canonical(bool withCharset)
    {
        if (_parameters.Count == 0)
        {
            return Name;
        }

        var canonical = new StringBuilder(Name);
        foreach (var (parameter, value) in _parameters.Where(parameter => withCharset || parameter.Key != CharsetParameter).OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
        {
            canonical.Append(';').Append(parameter).Append('=').Append(Quoted(value));
        }

        return canonical.ToString();
    }

    /// <summary>Whether a text is an RFC 2045 token.</summary>
    /// <param name="text">The text.</param>
    internal static bool IsToken(ReadOnlySpan<char> text) => !text.IsEmpty && !text.ContainsAnyExcept(TokenCharacters);

    private static bool Take(ref ReadOnlySpan<char> rest, char expected)
    {
        if (rest.IsEmpty || rest[0] != expected)
        {
            return false;
        }

        rest = rest[1..];
        return true;
    }

    private static bool TakeToken(ref ReadOnlySpan<char> rest, out ReadOnlySpan<char> token)
    {
        var end = rest.IndexOfAnyExcept(TokenCharacters);
        token = end < 0 ? rest : rest[..end];
        rest = rest[token.Length..];
        return !token.IsEmpty;
    }

    private static bool TakeValue(ref ReadOnlySpan<char> rest, out string value)
    {
        if (!Take(ref rest, '"'))
        {
            var isToken = TakeToken(ref rest, out var token);
            value = token.ToString();
            return isToken;
        }

        var text = new StringBuilder();
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '"')
            {
                rest = rest[(i + 1)..];
                value = text.ToString();
                return true;
            }

            if (rest[i] == '\\' && ++i == rest.Length)
            {
                break;
            }

            if (rest[i] is not ('\t' or (>= ' ' and <= '~')))
            {
                break;
            }

            text.Append(rest[i]);
        }

        value = "";
        return false;
    }

    private static string Quoted(string value) =>
        IsToken(value)
            ? value
            : $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
