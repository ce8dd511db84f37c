using System.Text.Json;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace EventFunctions.Tests.Guides;

/// <summary>The configurations that start the service in Visual Studio Code and Rider.</summary>
public sealed class EditorConfigurationTests
{
    private static readonly string Guide = File.ReadAllText(Repository.File("docs/debug.md"));

    public static TheoryData<string> RunConfigurations => [.. Directory.GetFiles(Repository.File(".run")).Select(Path.GetFileName).OfType<string>()];

    [Fact]
    public void Visual_Studio_Code_starts_what_is_there_and_the_guide_names_it()
    {
        using var launch = JsonDocument.Parse(File.ReadAllText(Repository.File(".vscode/launch.json")));
        using var tasks = JsonDocument.Parse(File.ReadAllText(Repository.File(".vscode/tasks.json")));
        var labels = tasks.RootElement.GetProperty("tasks").EnumerateArray().Select(task => task.GetProperty("label").GetString()).ToList();
        foreach (var configuration in launch.RootElement.GetProperty("configurations").EnumerateArray())
        {
            Assert.Contains($"*{configuration.GetProperty("name").GetString()}*", Guide, StringComparison.Ordinal);
            if (configuration.TryGetProperty("program", out var program))
            {
                var project = Regex.Match(program.GetString()!, @"^\$\{workspaceFolder\}/(functions/(EventFunctions\.\w+))/bin/Debug/net10\.0/\2\.dll$");
                Assert.True(File.Exists(Repository.File($"{project.Groups[1].Value}/{project.Groups[2].Value}.csproj")), program.GetString());
                Assert.Contains(configuration.GetProperty("preLaunchTask").GetString(), labels);
            }
        }
    }

    [Fact]
    public void Tasks_build_and_run_projects_that_exist()
    {
        using var tasks = JsonDocument.Parse(File.ReadAllText(Repository.File(".vscode/tasks.json")));
        var projects =
            from task in tasks.RootElement.GetProperty("tasks").EnumerateArray()
            where task.TryGetProperty("args", out _)
            from argument in task.GetProperty("args").EnumerateArray()
            where argument.GetString()!.StartsWith("functions/", StringComparison.Ordinal)
            select argument.GetString()!;

        Assert.NotEmpty(projects);
        Assert.All(projects, project => Assert.True(File.Exists(Repository.File($"{project}/{Path.GetFileName(project)}.csproj")), project));
    }

    [Theory]
    [MemberData(nameof(RunConfigurations))]
    public void Rider_starts_projects_that_exist_or_the_commands_of_the_guide(string file)
    {
        var configuration = XDocument.Load(Repository.File(".run/" + file)).Root!.Element("configuration")!;
        var options = configuration.Elements("option").ToDictionary(option => (string)option.Attribute("name")!, option => (string)option.Attribute("value")!);

        Assert.Equal(file, configuration.Attribute("name")!.Value + ".run.xml");
        Assert.Contains($"*{configuration.Attribute("name")!.Value}*", Guide, StringComparison.Ordinal);
        if (options.TryGetValue("PROJECT_PATH", out var project))
        {
            Assert.True(File.Exists(project.Replace("$PROJECT_DIR$", Repository.File("."), StringComparison.Ordinal)), project);
        }
        else
        {
            Assert.All(options["SCRIPT_TEXT"].Split(" && "), command => Assert.Contains(command + "\n", Guide.ReplaceLineEndings("\n"), StringComparison.Ordinal));
        }
    }
}
