namespace EventFunctions.Tests.Language;

public sealed class LanguageTests
{
    private static readonly IReadOnlyList<(string Path, string Code)> Sources =
    [
        .. from path in Directory.EnumerateFiles(Repository.File("functions"), "*.cs", SearchOption.AllDirectories)
           let name = Path.GetRelativePath(Repository.File("."), path).Replace('\\', '/')
           where !name.Contains("/obj/", StringComparison.Ordinal) && !name.Contains("/bin/", StringComparison.Ordinal)
           orderby name
           select (name, File.ReadAllText(path)),
    ];

    [Fact]
    public void Logs_errors_and_command_line_texts_use_plain_words() => Check(SourceTexts.Strings);

    [Fact]
    public void Summaries_use_plain_words() => Check(SourceTexts.Summaries);

    [Theory]
    [InlineData("nobody", "Nobody may do this.")]
    [InlineData("is no", "\\\"{url}\\\" is no URL.")]
    [InlineData("since", "Returning 503, since the store failed.")]
    [InlineData("too", "The firewall must admit it too")]
    public void A_construction_is_found_in_a_text_and_in_a_summary(string rule, string text)
    {
        var code = $"/// <summary>{text}</summary>\n// {text}\nlog('\"', $\"{{Call(\"a \\\" is no b\")}} {text}\", \"short\");";
        var (line, found) = Assert.Single(SourceTexts.Strings(code));
        Assert.Equal((3, rule), (line, Assert.Single(LanguageRule.All, one => one.Find(found) is not null).Name));
        Assert.Equal(rule, Assert.Single(LanguageRule.All, one => one.Find(Assert.Single(SourceTexts.Summaries(code)).Text) is not null).Name);
    }

    private static void Check(Func<string, IEnumerable<(int Line, string Text)>> textsOf)
    {
        var findings = Findings(textsOf).ToArray();
        Assert.True(findings.Length == 0, string.Join('\n', findings));
    }

    private static IEnumerable<string> Findings(Func<string, IEnumerable<(int Line, string Text)>> textsOf) =>
        from source in Sources
        from text in textsOf(source.Code)
        from rule in LanguageRule.All
        let found = rule.Find(text.Text)
        where found is not null
        select $"{source.Path}:{text.Line}: \"{found}\" ({rule.Name}); write: {rule.Instead}. {text.Text}";
}
