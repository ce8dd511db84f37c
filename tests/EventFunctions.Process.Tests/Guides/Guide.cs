using System.ComponentModel;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace EventFunctions.Tests.Guides;

/// <summary>The examples of a page of the documentation, run as a reader would, against another address.</summary>
/// <param name="page">The page's file.</param>
internal sealed partial class Guide(string page)
{
    private const string Address = "http://localhost:7071";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>An example's text.</summary>
    /// <param name="language">Its language.</param>
    /// <param name="number">Which one of the language, counted from 0.</param>
    public string Example(string language, int number = 0) => Block()
        .Matches(File.ReadAllText(Repository.File("docs/" + page)).ReplaceLineEndings("\n"))
        .Where(block => block.Groups[1].Value == language)
        .ElementAt(number)
        .Groups[2].Value;

    /// <summary>The text of a file of the tests.</summary>
    public static string Source(string file) => File.ReadAllText(Repository.File("tests/EventFunctions.Process.Tests/Guides/" + file)).ReplaceLineEndings("\n");

    /// <summary>Starts an example; the test is skipped where its interpreter is missing.</summary>
    /// <param name="language">Its language.</param>
    /// <param name="service">The service that it is to talk to.</param>
    /// <param name="folder">Where it runs.</param>
    /// <param name="number">Which one of the language.</param>
    /// <param name="environment">Variables.</param>
    public async Task<Process> StartAsync(
        string language, Uri service, TemporaryFolder folder, int number = 0, params (string Name, string Value)[] environment)
    {
        var (interpreter, extension) = language switch
        {
            "js" => ("node", "mjs"),
            "python" => ("python3", "py"),
            "csharp" => ("dotnet", "cs"),
            _ => ("bash", "sh"),
        };
        var script = folder.File("example." + extension);
        await File.WriteAllTextAsync(script, Example(language, number).Replace(Address, service.OriginalString.TrimEnd('/'), StringComparison.Ordinal), Stop);
        var start = new ProcessStartInfo(interpreter, [script]) { RedirectStandardOutput = true, WorkingDirectory = folder.Path };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            return Process.Start(start)!;
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"{interpreter} is not on this machine: {e.Message}");
            throw;
        }
    }

    [GeneratedRegex("^```([a-z]+)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Block();
}
