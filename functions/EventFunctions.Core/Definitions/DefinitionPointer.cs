using System.Text.RegularExpressions;

namespace EventFunctions.Definitions;

/// <summary>Reads the JSON pointers (RFC 6901) in definitions, and makes those that locate errors.</summary>
internal static partial class DefinitionPointer
{
    /// <summary>The most characters of a pointer within a definition, and of one that leads into it.</summary>
    public const int MaxLength = 1_024;

    /// <summary>The whole, as a URI fragment.</summary>
    public const string Whole = "#";

    /// <summary>Returns the error in a pointer to a part of a document; null if it is valid.</summary>
    /// <param name="text">The pointer.</param>
    public static string? CheckPart(string text) => text.Length is > 0 and <= MaxLength && Pattern().IsMatch(text)
        ? null
        : "Must be a JSON pointer (RFC 6901) to a part, such as \"/policy/number\".";

    /// <summary>The pointer to a member, as a URI fragment; the object's own where that would be too long to tell.</summary>
    /// <param name="pointer">The object's pointer, as a URI fragment.</param>
    /// <param name="name">The member's name.</param>
    public static string Member(string pointer, string name)
    {
        if (pointer.Length + name.Length >= MaxLength)
        {
            return pointer;
        }

        var escaped = Uri.EscapeDataString(name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
        return pointer.Length + escaped.Length < MaxLength ? $"{pointer}/{escaped}" : pointer;
    }

    /// <summary>The pointer to a place below another, as a URI fragment.</summary>
    /// <param name="pointer">The upper place, as a URI fragment.</param>
    /// <param name="below">The way down from there: a JSON pointer, not as a fragment.</param>
    public static string Below(string pointer, string below) => below.Split('/')
        .Skip(1)
        .Aggregate(pointer, (above, name) => Member(above, name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)));

    [GeneratedRegex(@"\A(/([^~/]|~[01])*)+\z", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
