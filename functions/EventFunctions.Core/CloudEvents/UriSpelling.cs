using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>One spelling for URIs that RFC 3986 §6.2 calls equivalent by syntax alone: case and percent-encoding.</summary>
internal static class UriSpelling
{
    /// <summary>Returns the canonical spelling of a URI-reference; any other text as it is.</summary>
    public static string Canonical(string text)
    {
        var normal = NormalizePercent(text);
        return Uri.TryCreate(normal, UriKind.Absolute, out var uri) && uri.Scheme is ("http" or "https") ? uri.AbsoluteUri : normal;
    }

    private static string NormalizePercent(string text)
    {
        if (!text.Contains('%', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '%' || i + 2 >= text.Length || !char.IsAsciiHexDigit(text[i + 1]) || !char.IsAsciiHexDigit(text[i + 2]))
            {
                result.Append(text[i]);
                continue;
            }

            var character = (char)Convert.FromHexString(text.AsSpan(i + 1, 2))[0];
            if (char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~')
            {
                result.Append(character);
            }
            else
            {
                result.Append('%').Append(char.ToUpperInvariant(text[i + 1])).Append(char.ToUpperInvariant(text[i + 2]));
            }

            i += 2;
        }

        return result.ToString();
    }
}
