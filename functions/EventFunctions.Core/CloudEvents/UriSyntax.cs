using System.Buffers;
using System.Net;
using System.Net.Sockets;

namespace EventFunctions.CloudEvents;

/// <summary>
/// The grammar of RFC 3986, which CloudEvents refers to. <see cref="Uri"/> accepts far more: spaces, any Unicode, backslashes.
/// </summary>
internal static class UriSyntax
{
    private const string Letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";
    private const string UnreservedAndSubDelims = Letters + Digits + "-._~" + "!$&'()*+,;=";

    private static readonly SearchValues<char> Scheme = SearchValues.Create(Letters + Digits + "+-.");
    private static readonly SearchValues<char> Path = SearchValues.Create(UnreservedAndSubDelims + ":@/%");
    private static readonly SearchValues<char> QueryOrFragment = SearchValues.Create(UnreservedAndSubDelims + ":@/?%");
    private static readonly SearchValues<char> UserInfo = SearchValues.Create(UnreservedAndSubDelims + ":%");
    private static readonly SearchValues<char> RegName = SearchValues.Create(UnreservedAndSubDelims + "%");

    /// <summary>Whether a text is a URI-reference (§4.1). The empty text is one.</summary>
    public static bool IsReference(ReadOnlySpan<char> text)
    {
        var hash = text.IndexOf('#');
        if (hash >= 0)
        {
            if (!Consists(text[(hash + 1)..], QueryOrFragment))
            {
                return false;
            }

            text = text[..hash];
        }

        if (IsAbsolute(text))
        {
            return true;
        }

        // A first segment with a colon would be a scheme (§4.2).
        var end = text.IndexOfAny('/', '?');
        return !(end < 0 ? text : text[..end]).Contains(':') && IsHierarchy(text);
    }

    /// <summary>Whether a text is an absolute-URI (§4.3): with a scheme, without a fragment.</summary>
    public static bool IsAbsolute(ReadOnlySpan<char> text)
    {
        var colon = text.IndexOf(':');
        return colon > 0 && char.IsAsciiLetter(text[0]) && !text[..colon].ContainsAnyExcept(Scheme) && IsHierarchy(text[(colon + 1)..]);
    }

    private static bool IsHierarchy(ReadOnlySpan<char> text)
    {
        var question = text.IndexOf('?');
        if (question >= 0)
        {
            if (!Consists(text[(question + 1)..], QueryOrFragment))
            {
                return false;
            }

            text = text[..question];
        }

        if (text.StartsWith("//"))
        {
            var authority = text[2..];
            var slash = authority.IndexOf('/');
            text = slash < 0 ? [] : authority[slash..];
            if (!IsAuthority(slash < 0 ? authority : authority[..slash]))
            {
                return false;
            }
        }

        return Consists(text, Path);
    }

    private static bool IsAuthority(ReadOnlySpan<char> text)
    {
        var at = text.IndexOf('@');
        if (at >= 0)
        {
            if (!Consists(text[..at], UserInfo))
            {
                return false;
            }

            text = text[(at + 1)..];
        }

        if (text.StartsWith('['))
        {
            var close = text.IndexOf(']');
            return close > 0 && IsLiteral(text[1..close]) && IsPort(text[(close + 1)..]);
        }

        var colon = text.IndexOf(':');
        return colon < 0 ? Consists(text, RegName) : Consists(text[..colon], RegName) && IsPort(text[colon..]);
    }

    private static bool IsLiteral(ReadOnlySpan<char> text) =>
        !text.ContainsAny('%', '[') && IPAddress.TryParse(text, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6;

    private static bool IsPort(ReadOnlySpan<char> text) =>
        text.IsEmpty || (text[0] == ':' && !text[1..].ContainsAnyExceptInRange('0', '9'));

    private static bool Consists(ReadOnlySpan<char> text, SearchValues<char> characters)
    {
        if (text.ContainsAnyExcept(characters))
        {
            return false;
        }

        for (var percent = text.IndexOf('%'); percent >= 0; percent = text.IndexOf('%'))
        {
            if (text.Length < percent + 3 || !char.IsAsciiHexDigit(text[percent + 1]) || !char.IsAsciiHexDigit(text[percent + 2]))
            {
                return false;
            }

            text = text[(percent + 3)..];
        }

        return true;
    }
}
