namespace EventFunctions.Producers;

/// <summary>
/// A registered source that ends in <c>/*</c>. It covers every source that begins with the text before the <c>*</c>, however
/// many segments follow.
/// </summary>
public static class SourcePattern
{
    private const string End = "/*";

    /// <summary>Returns whether a registered source is a pattern.</summary>
    /// <param name="registered">The source.</param>
    public static bool Is(string registered)
    {
        ArgumentNullException.ThrowIfNull(registered);
        return registered.EndsWith(End, StringComparison.Ordinal);
    }

    /// <summary>Returns the one source that is registered; null if it is a pattern.</summary>
    internal static string? OnlyOf(string registered) => Is(registered) ? null : registered;

    /// <summary>Returns what every source that a pattern covers begins with; it ends in <c>/</c>.</summary>
    internal static ReadOnlySpan<char> PrefixOf(string pattern) => pattern.AsSpan(0, pattern.Length - 1);

    /// <summary>Returns whether a registered source is, or covers, the source of an event.</summary>
    internal static bool Covers(string registered, string source) =>
        Is(registered) ? source.AsSpan().StartsWith(PrefixOf(registered), StringComparison.Ordinal) && CanCover(source, registered.Length - 1) : registered == source;

    /// <summary>
    /// Returns whether a pattern's prefix of a length can cover a source that begins with it. Segments <c>.</c> and <c>..</c> would lead out
    /// of it for a consumer that resolves the source as a URL.
    /// </summary>
    internal static bool CanCover(string source, int prefixLength)
    {
        var rest = source.AsSpan(prefixLength);
        foreach (var segment in rest.Split('/'))
        {
            if (rest[segment].Length is > 0 and <= 6 && rest[segment].ToString().Replace("%2e", ".", StringComparison.OrdinalIgnoreCase) is "." or "..")
            {
                return false;
            }
        }

        return rest.Length > 0;
    }

    /// <summary>Explains why a text is neither a source nor a pattern; null if it is one.</summary>
    /// <param name="registered">A URI-reference.</param>
    internal static string? Explain(string registered)
    {
        var star = registered.IndexOf('*', StringComparison.Ordinal);
        return star < 0 ? null
            : star < registered.Length - 1 || !Is(registered)
                ? $"A \"*\" is allowed only as the last segment, as in \"/hubs/*\". \"{registered}\" has another one. In a source of one sender, write it as %2A."
            : registered.AsSpan(0, registered.Length - End.Length) is { Length: 0 } or [.., '/'] ? "A pattern needs a segment before \"/*\", as in \"/hubs/*\"."
            : registered.AsSpan().ContainsAny('?', '#') ? "A pattern must not have a query or fragment."
            : null;
    }
}
