using System.Text.RegularExpressions;
using EventFunctions.Intake;
using NetArchTest.Rules;

namespace EventFunctions.Tests.Architecture;

/// <summary>Holds the order of Core's folders that <c>docs/architecture.md</c> gives.</summary>
public sealed partial class FolderOrderTests
{
    private static readonly string Core = Repository.File("functions/EventFunctions.Core");

    private static readonly string[] Order =
        [.. Row().Matches(File.ReadAllText(Repository.File("docs/architecture.md")).Split("## The order of the folders")[1].Split("\n## ")[0]).Select(row => row.Groups[1].Value)];

    public static TheoryData<string> Folders => [.. Order];

    [Fact]
    public void The_table_names_every_folder_once() =>
        Assert.Equal(
            Directory.GetDirectories(Core).Select(folder => Path.GetFileName(folder)!).Where(name => name is not ("bin" or "obj")).Order(StringComparer.Ordinal),
            Order.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Folders))]
    public void A_folder_uses_only_folders_above_it(string folder)
    {
        var below = Order[(Array.IndexOf(Order, folder) + 1)..];
        if (below.Length > 0)
        {
            var result = Types.InAssembly(typeof(EventIntake).Assembly)
                .That().ResideInNamespaceMatching($@"^EventFunctions\.{folder}(\.|$)")
                .ShouldNot().HaveDependencyOnAny([.. below.Select(name => $"EventFunctions.{name}")])
                .GetResult();
            Assert.True(result.IsSuccessful, $"{string.Join(", ", result.FailingTypeNames ?? [])} use a folder below {folder}: one of {string.Join(", ", below)}.");
        }

        // The compiler puts constants in place, so that the assembly does not show where they come from.
        Assert.Empty(
            from file in Directory.GetFiles(Path.Combine(Core, folder), "*.cs", SearchOption.AllDirectories)
            from line in File.ReadLines(file).TakeWhile(line => !line.StartsWith("namespace ", StringComparison.Ordinal))
            where below.Any(name => Regex.IsMatch(line, $@"^using (static )?(\w+ = )?EventFunctions\.{name}\b"))
            select $"{Path.GetRelativePath(Core, file)}: {line}");
    }

    [GeneratedRegex(@"^\| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
