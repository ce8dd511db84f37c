using System.Text.Json;
using System.Text.RegularExpressions;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Language;

namespace EventFunctions.Tests.Guides;

/// <summary>Holds the guides short, plain and connected.</summary>
public sealed class GuideTests
{
    private const int MaxWords = 15_000;
    private const int MaxAverage = 14;
    private const int MaxSentence = 40;

    // The benchmarks and the report on reliability are one guide in two files.
    private static readonly string[] Names =
    [
        "administer.md", "architecture.md", "benchmarks.md", "consume.md", "debug.md", "deploy.md", "enrich.md", "get-started.md", "operate.md", "produce.md",
        "reliability.md",
    ];

    private static readonly string[] Languages = ["bash", "csharp", "http", "js", "json", "nginx", "python", "text"];

    private static readonly LanguageRule Inversion = new(
        "inversion", @"^(who|what|whoever|where|whether|of|nor|neither|besides|beyond|until then)\b.*\.$", "subject, verb, object");

    public static TheoryData<string> Pages => [.. MarkdownPage.Current.Select(page => page.Path)];

    [Fact]
    public void There_are_ten_guides_of_15000_words_together()
    {
        Assert.Subset(Names.ToHashSet(), MarkdownPage.Guides.Select(page => page.Name).ToHashSet());
        var words = MarkdownPage.Guides.Sum(page => page.Words);
        Assert.True(words <= MaxWords, $"{words} words: {string.Join(", ", MarkdownPage.Guides.Select(page => $"{page.Name} {page.Words}"))}");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void A_page_uses_plain_words(string path)
    {
        var findings =
            from text in Page(path).Texts
            from sentence in Sentences(text.Text)
            from rule in LanguageRule.All.Append(Inversion)
            let found = rule.Find(sentence)
            where found is not null
            select $"\"{found}\" ({rule.Name}); write: {rule.Instead}. {sentence}";

        Assert.Equal("", string.Join('\n', findings));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Sentences_are_short(string path)
    {
        var sentences = Page(path).Texts.Where(text => !text.IsCell).SelectMany(text => Sentences(text.Text)).ToList();
        var average = sentences.Average(Count);

        Assert.Equal("", string.Join('\n', sentences.Where(sentence => Count(sentence) > MaxSentence)));
        Assert.True(average <= MaxAverage, $"{average:F1} words in a sentence");
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Links_lead_to_files_and_anchors_that_exist(string path)
    {
        var broken = Page(path).Links.Where(link => !Regex.IsMatch(link, "^(https?|mailto):") && !Exists(path, link));

        Assert.Equal("", string.Join('\n', broken));
    }

    [Fact]
    public void Decisions_link_to_files_that_exist()
    {
        var broken =
            from file in Directory.EnumerateFiles(Repository.File("docs/decisions"), "*.md")
            let page = new MarkdownPage("docs/decisions/" + Path.GetFileName(file))
            from link in page.Links
            where !Regex.IsMatch(link, "^https?:") && !Exists(page.Path, link)
            select $"{page.Name}: {link}";

        Assert.Equal("", string.Join('\n', broken));
    }

    [Theory]
    [MemberData(nameof(Pages))]
    public void Each_block_names_its_language_and_JSON_can_be_read(string path) => Assert.All(Page(path).Blocks, block =>
    {
        Assert.Contains(block.Language, Languages);
        if (block.Language == "json")
        {
            JsonElement.Parse(block.Code);
        }
    });

    [Fact]
    public void Settings_and_calls_that_the_guides_name_exist()
    {
        var settings = Regex.Matches(File.ReadAllText(Repository.File("local.settings.sample.json")), "^ +\"(\\w+)\":", RegexOptions.Multiline)
            .Select(setting => Regex.Replace(setting.Groups[1].Value.Replace("__", ":", StringComparison.Ordinal), ":0$", "")).ToHashSet();
        var calls = Regex.Matches(File.ReadAllText(Repository.File("docs/openapi.yaml")).ReplaceLineEndings("\n"), @"^  (/api/\S*):\n((?:   .*\n|\n)*)", RegexOptions.Multiline)
            .SelectMany(path => Regex.Matches(path.Groups[2].Value, "^    (get|post|put|delete|options):", RegexOptions.Multiline)
                .Select(method => $"{method.Groups[1].Value.ToUpperInvariant()} {Unnamed(path.Groups[1].Value)}"))
            .ToHashSet();

        Assert.NotEmpty(calls);
        Assert.Empty(
            from page in MarkdownPage.Guides
            from setting in Regex.Matches(page.Text, @"`((?:[A-Z]\w+:)[A-Z]\w+)(?::\d)?`").Select(match => match.Groups[1].Value)
            where !settings.Contains(setting)
            select $"{page.Path}: {setting}");
        Assert.Empty(
            from page in MarkdownPage.Guides
            from call in Regex.Matches(page.Text, @"`((?:GET|POST|PUT|DELETE) /api/[\w/{}-]+)").Select(match => match.Groups[1].Value)
            where !calls.Contains(Unnamed(call))
            select $"{page.Path}: {call}");
    }

    [Fact]
    public void The_guide_to_erasure_names_every_container_of_the_store()
    {
        var section = File.ReadAllText(Repository.File("docs/operate.md")).Split("## Erase personal data")[1].Split("\n## ")[0];

        Assert.All(DocumentContainer.All.Select(container => container.Name).Append("events"), name => Assert.Contains($"`{name}`", section, StringComparison.Ordinal));
    }

    [Fact]
    public void The_runbook_explains_every_reason_of_a_failure()
    {
        var guide = File.ReadAllText(Repository.File("docs/operate.md"));
        var reasons = typeof(FailureReason).GetFields().Where(field => field.IsLiteral).Select(field => (string)field.GetRawConstantValue()!).ToList();

        Assert.NotEmpty(reasons);
        Assert.All(reasons, reason => Assert.Contains($"`{reason}`", guide, StringComparison.Ordinal));
    }

    [Fact]
    public void Files_on_the_path_of_an_event_exist()
    {
        var table = File.ReadAllText(Repository.File("docs/architecture.md")).Split("## The path of an event")[1].Split("\n## ")[0];
        var files = Regex.Matches(table, @"`([\w./]+\.cs)`").Select(file => file.Groups[1].Value).ToList();

        Assert.NotEmpty(files);
        Assert.All(files, file => Assert.True(
            File.Exists(Repository.File("functions/EventFunctions.Core/" + file)) || File.Exists(Repository.File("functions/" + file)), file));
    }

    [Theory]
    [InlineData("inversion", "Who wants events registers a webhook.")]
    [InlineData("nobody", "Nobody is told.")]
    public void A_construction_is_found(string rule, string sentence) =>
        Assert.Contains(rule, LanguageRule.All.Append(Inversion).Where(one => one.Find(sentence) is not null).Select(one => one.Name));

    private static string Unnamed(string path) => Regex.Replace(path, @"\{\w+\}", "{}");

    private static MarkdownPage Page(string path) => MarkdownPage.Current.Single(page => page.Path == path);

    private static bool Exists(string from, string link)
    {
        var parts = link.Split('#', 2);
        var path = parts[0].Length == 0 ? from : Path.GetRelativePath(Repository.File("."), Path.Combine(Path.GetDirectoryName(Repository.File(from))!, parts[0])).Replace('\\', '/');
        return parts.Length == 1
            ? Path.Exists(Repository.File(path))
            : File.Exists(Repository.File(path)) && (!path.EndsWith(".md", StringComparison.Ordinal) || new MarkdownPage(path).Anchors.Contains(parts[1]));
    }

    private static string[] Sentences(string text) => Regex.Split(text, @"(?<=[.!?])\s+(?=[A-Z`\d])");

    private static int Count(string sentence) => sentence.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;
}
