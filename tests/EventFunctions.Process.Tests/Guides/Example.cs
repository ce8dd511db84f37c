using System.ComponentModel;
using System.Diagnostics;

namespace EventFunctions.Tests.Guides;

/// <summary>An example of the documentation, run as a reader would, against another address.</summary>
internal static class Example
{
    private const string Address = "http://localhost:7071";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Returns the block of a page, by its language and its number among them.</summary>
    public static string Block(string page, string language, int number = 0) =>
        MarkdownPage.Current.Single(one => one.Path == page).Blocks.Where(block => block.Language == language).ElementAt(number).Code;

    /// <summary>Returns a file of the samples.</summary>
    public static string Sample(string file) => File.ReadAllText(Repository.File("docs/samples/" + file));

    /// <summary>Starts an example in a folder; the test is skipped if its interpreter is missing.</summary>
    /// <param name="file">The name that it gets; its extension names the interpreter.</param>
    public static async Task<Process> StartAsync(
        string file, string code, Uri service, TemporaryFolder folder, params (string Name, string Value)[] environment)
    {
        var interpreter = Path.GetExtension(file) switch
        {
            ".mjs" => "node",
            ".py" => "python3",
            ".cs" => "dotnet",
            ".java" => "java",
            _ => "bash",
        };
        var script = folder.File(file);
        await File.WriteAllTextAsync(script, code.Replace(Address, service.OriginalString.TrimEnd('/'), StringComparison.Ordinal), Stop);
        var start = new ProcessStartInfo(interpreter, [script]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = folder.Path };
        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        try
        {
            var process = Process.Start(start)!;
            process.ErrorDataReceived += (_, line) => TestContext.Current.TestOutputHelper?.WriteLine(line.Data ?? "");
            process.BeginErrorReadLine();
            return process;
        }
        catch (Win32Exception e)
        {
            Assert.Skip($"{interpreter} is not on this machine: {e.Message}");
            throw;
        }
    }
}
