using System.Diagnostics;
using EventFunctions.Cli;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Cli;

[Collection(HostProcesses.Name)]
public sealed class CompletionTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("", "send")]
    [InlineData("producers h", "history")]
    [InlineData("producers st", "state")]
    [InlineData("webhooks st", "state")]
    [InlineData("list --sta", "--status")]
    [InlineData("list --url http://127.0.0.1 --status dead", "deadLettered")]
    [InlineData("completion ", "pwsh")]
    public async Task The_suggest_directive_knows_commands_options_and_values(string line, string expected)
    {
        var run = await RunAsync($"[suggest:{line.Length}]", "--", line);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains(expected, run.Lines.Select(suggestion => suggestion.Trim()));
    }

    [Theory]
    [InlineData("bash", "complete ")]
    [InlineData("zsh", "compdef ")]
    [InlineData("pwsh", "Register-ArgumentCompleter ")]
    public async Task Each_shell_has_its_script(string shell, string expected)
    {
        var run = await RunAsync("completion", shell);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains(run.Lines, line => line.StartsWith(expected, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("eventfunctions ", "send")]
    [InlineData("eventfunctions li", "list listen")]
    [InlineData("eventfunctions producers hi", "history")]
    [InlineData("eventfunctions list --stat", "--status")]
    public async Task Bash_completes_with_its_script(string line, string expected)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() || !File.Exists("/bin/bash"), "There is no bash.");
        using var folder = new TemporaryFolder();
        var script = folder.File("completion.bash");
        await File.WriteAllTextAsync(script, (await RunAsync("completion", "bash")).Output, Cancellation);
        var start = new ProcessStartInfo("/bin/bash", ["-c",
            """
            eventfunctions() { dotnet "$TOOL" "$@"; }
            . "$SCRIPT"
            COMP_LINE="$LINE" COMP_POINT=${#LINE}
            read -ra COMP_WORDS <<< "$LINE"
            [[ "$LINE" == *" " ]] && COMP_WORDS+=("")
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            _eventfunctions
            echo "${COMPREPLY[@]}"
            """])
        {
            RedirectStandardOutput = true,
            Environment = { ["TOOL"] = typeof(Tool).Assembly.Location, ["SCRIPT"] = script, ["LINE"] = line },
        };

        using var bash = Process.Start(start)!;
        var completed = await bash.StandardOutput.ReadToEndAsync(Cancellation);
        await bash.WaitForExitAsync(Cancellation);

        Assert.Contains(expected, completed, StringComparison.Ordinal);
    }

    private static Task<ToolRun> RunAsync(params string[] args) =>
        ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, args, Cancellation);
}
