using System.Globalization;

namespace EventFunctions.Definitions;

/// <summary>Takes international host names (RFC 5891) in URLs.</summary>
internal static class InternationalUrl
{
    private static readonly IdnMapping Mapping = new() { UseStd3AsciiRules = true };

    /// <summary>Writes the host's name in ASCII, as it is asked for (<c>xn--…</c>); a URL without such a host stays as it is.</summary>
    /// <param name="url">Anything.</param>
    /// <param name="error">What is wrong with the name, or with other characters outside ASCII; null where nothing is.</param>
    public static string ToAscii(string url, out string? error)
    {
        error = null;
        if (url.All(char.IsAscii))
        {
            return url;
        }

        var start = url.IndexOf("//", StringComparison.Ordinal) + 2;
        var length = start < 2 ? -1 : url.AsSpan(start).IndexOfAny("/?#:");
        var host = start < 2 ? "" : length < 0 ? url[start..] : url.Substring(start, length);
        var rest = start < 2 || length < 0 ? "" : url[(start + length)..];
        if (host.All(char.IsAscii) || !rest.All(char.IsAscii))
        {
            error = "Characters outside ASCII are allowed in the host's name only. Write others percent-encoded, such as %C3%A9.";
            return url;
        }

        if (AsciiOf(host) is { } ascii)
        {
            return string.Concat(url.AsSpan(0, start), ascii, rest);
        }

        error = "The host's name is not a valid international name (RFC 5891). Write it as xn--….";
        return url;
    }

    // The mapping also takes formatting characters and forms that look like others (full-width digits), of which nobody sees what they
    // become: only letters and marks are taken, and none of the blocks of such forms.
    private static string? AsciiOf(string host)
    {
        try
        {
            var ascii = Mapping.GetAscii(host.ToLowerInvariant());
            return host.All(c => char.IsAscii(c) || IsPlain(c)) && ascii.Contains("xn--", StringComparison.Ordinal) ? ascii : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static bool IsPlain(char c) =>
        c is < '\u2000' or (>= '\u2C00' and < '\uF900')
        && (char.IsLetter(c) || CharUnicodeInfo.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark);
}
