using System.Text.RegularExpressions;

namespace EventFunctions.Tests.Guides;

/// <summary>A page of the documentation.</summary>
/// <param name="path">Its path from the root of the repository.</param>
internal sealed partial class MarkdownPage(string path)
{
    public string Text { get; } = File.ReadAllText(Repository.File(path)).ReplaceLineEndings("\n");

    /// <summary>All pages but the changelog and the decisions, which report what was.</summary>
    public static IReadOnlyList<MarkdownPage> Current { get; } =
        [.. All().Where(page => page.Path != "docs/changelog.md" && !page.Path.StartsWith("docs/decisions/", StringComparison.Ordinal))];

    /// <summary>The guides: pages of <c>docs</c> without the contract, the changelog and the security policy.</summary>
    public static IReadOnlyList<MarkdownPage> Guides { get; } =
        [.. Current.Where(page => Regex.IsMatch(page.Path, "^docs/[^/]+$") && page.Name is not ("contract.md" or "SECURITY.md"))];

    public string Path => path;

    public string Name => System.IO.Path.GetFileName(path);

    public int Words => Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>The targets of its links and pictures, without those in code.</summary>
    public IEnumerable<string> Links => Link().Matches(InlineCode().Replace(WithoutBlocks, "")).Select(link => link.Groups[1].Value);

    /// <summary>The anchors of its headings, as hosting sites make them.</summary>
    public IEnumerable<string> Anchors => Heading().Matches(WithoutBlocks)
        .Select(heading => Regex.Replace(heading.Groups[1].Value.ToLowerInvariant(), @"[^\p{L}\p{N}\s_-]", "").Trim().Replace(' ', '-'));

    /// <summary>Its blocks of code.</summary>
    public IReadOnlyList<CodeBlock> Blocks =>
    [
        .. Block().Matches(Text).Select(block => new CodeBlock(
            path,
            Text.AsSpan(0, block.Index).Count('\n') + 1,
            block.Groups["language"].Value,
            Regex.Replace(block.Groups["code"].Value, "^" + block.Groups["indent"].Value, "", RegexOptions.Multiline),
            block.Groups["reason"] is { Success: true, Value: var reason } ? reason : null)),
    ];

    /// <summary>Its paragraphs, items and cells of tables as plain text.</summary>
    public IEnumerable<(bool IsCell, string Text)> Texts =>
        from paragraph in Regex.Split(WithoutBlocks, @"\n\s*\n|\n(?=\s*(?:[-*]|\d+\.) )|(?<=\n\#.*)\n|\n(?=\|)")
        let isRow = paragraph.StartsWith('|')
        where !Regex.IsMatch(paragraph, @"^\s*(\||[-: ])+$")
        from part in isRow ? Regex.Split(paragraph, @"(?<!\\)\|") : [paragraph]
        let plain = Plain(part)
        where plain.Length > 0
        select (isRow, plain);

    private string WithoutBlocks => Comment().Replace(Block().Replace(Text, "\n"), "");

    private static IEnumerable<MarkdownPage> All() =>
        from file in Directory.EnumerateFiles(Repository.File("docs"), "*.md", SearchOption.AllDirectories).Append(Repository.File("README.md"))
        let name = System.IO.Path.GetRelativePath(Repository.File("."), file).Replace('\\', '/')
        where !Regex.IsMatch(name, "/(node_modules|bin|obj)/")
        orderby name
        select new MarkdownPage(name);

    private static string Plain(string markdown)
    {
        var text = Regex.Replace(markdown, @"!\[[^\]]*\]\([^)]*\)", "");
        text = InlineCode().Replace(text, "code");
        text = Regex.Replace(text, @"\[([^\]]*)\]\([^)]*\)", "$1");
        return Regex.Replace(Regex.Replace(text, @"^\s*([-*#]+|\d+\.) ", ""), @"[*_\s]+", " ").Trim();
    }

    [GeneratedRegex(@"(?:^[ ]*<!-- not run: (?<reason>[^\n]+) -->\n)?^(?<indent>[ ]*)```(?<language>\w*)\n(?<code>.*?)^[ ]*```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("<!--.*?-->", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();
}
