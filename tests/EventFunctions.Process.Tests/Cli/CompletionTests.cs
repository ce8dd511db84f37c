using System.Diagnostics;
using EventFunctions.Cli;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Cli;

[Collection(HostProcesses.Name)]
public sealed class CompletionTests
{
    private static readonly string[] Folders = ["/bin/", "/usr/bin/", "/usr/local/bin/", "/opt/homebrew/bin/"];

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
    [InlineData("fish", "complete ")]
    [InlineData("pwsh", "Register-ArgumentCompleter ")]
    public async Task Each_shell_has_its_script(string shell, string expected)
    {
        var run = await RunAsync("completion", shell);

        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Contains(run.Lines, line => line.StartsWith(expected, StringComparison.Ordinal));
    }

    public static MatrixTheoryData<string, string> Lines { get; } = new(
        ["bash", "zsh", "fish"],
        [
            "eventfunctions li|list listen",
            "eventfunctions --url http://127.0.0.1:9 producers hi|history",
            "eventfunctions list --subject 'two  words' --stat|--status",
            "eventfunctions completion |bash fish pwsh zsh",
        ]);

    [Theory]
    [MemberData(nameof(Lines))]
    public async Task A_shell_completes_with_its_script(string shell, string lineAndExpected)
    {
        var (line, expected) = (lineAndExpected.Split('|')[0], lineAndExpected.Split('|')[1]);
        var program = Folders.Select(folder => folder + shell).FirstOrDefault(File.Exists);
        Assert.SkipWhen(program is null, $"There is no {shell}.");
        using var folder = new TemporaryFolder();
        var script = folder.File("completion");
        var tool = folder.File("eventfunctions");
        await File.WriteAllTextAsync(script, (await RunAsync("completion", shell)).Output, Cancellation);
        await File.WriteAllTextAsync(tool, $"#!/bin/sh\nexec dotnet '{typeof(Tool).Assembly.Location}' \"$@\"\n", Cancellation);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(tool, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }

        var start = new ProcessStartInfo(program!, shell switch
        {
            "fish" => ["--no-config", "-c", """source "$SCRIPT"; complete --do-complete "$LINE" """],
            "zsh" => ["-f", "-c", Zsh],
            _ => ["--norc", "-c", Bash],
        })
        {
            RedirectStandardOutput = true,
            Environment = { ["SCRIPT"] = script, ["LINE"] = line, ["HOME"] = folder.Path, ["TERM"] = "dumb", ["PATH"] = $"{folder.Path}:{Environment.GetEnvironmentVariable("PATH")}" },
        };

        using var process = Process.Start(start)!;
        var completed = await process.StandardOutput.RestAsync();
        await process.EndsAsync();

        var suggestions = completed.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries);
        Assert.Superset(expected.Split(' ').ToHashSet(), suggestions.ToHashSet());
        Assert.DoesNotContain("send", suggestions);
    }

    // What bash does before it calls the function of a command.
    private const string Bash = """
        . "$SCRIPT"
        COMP_LINE="$LINE" COMP_POINT=${#LINE}
        read -ra COMP_WORDS <<< "$LINE"
        [[ "$LINE" == *" " ]] && COMP_WORDS+=("")
        COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
        _eventfunctions
        echo "${COMPREPLY[@]}"
        """;

    // An interactive shell in a terminal of its own, in which the tabulator is pressed.
    private const string Zsh = """
        zmodload zsh/zpty
        zpty shell zsh -f -i
        # The shell that completes prints what it adds, between marks that the echo of this line does not have.
        zpty -w shell 'PS1= RPS1=; autoload -Uz compinit; compinit -u; . "$SCRIPT"; compadd() { builtin compadd -O found "$@"; print -r -- "<${(j:,:)found}>"; builtin compadd "$@" }; print READY-""NOW'
        zpty -r shell text '*READY-NOW*'
        zpty -w -n shell "$LINE"$'\t'
        zpty -r -m shell text '*<*>*'
        print -r -- "${${${text##*<}%%>*}//,/ }"
        zpty -d shell
        """;

    private static Task<ToolRun> RunAsync(params string[] args) =>
        ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, args, Cancellation);
}
