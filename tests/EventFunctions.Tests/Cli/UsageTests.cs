using EventFunctions.Cli;

namespace EventFunctions.Tests.Cli;

public sealed class UsageTests
{
    [Theory]
    [InlineData("sned", "Unknown command 'sned' of eventfunctions. Did you mean send?")]
    [InlineData("producers lst", "Unknown command 'lst' of eventfunctions producers. Did you mean list?")]
    [InlineData("producers keys mkae", "Unknown command 'mkae' of eventfunctions producers keys. Did you mean make?")]
    [InlineData("webhooks deliver", "Unknown command 'deliver' of eventfunctions webhooks. Did you mean deliveries or delivery?")]
    [InlineData("rotate crm", "Unknown command 'rotate' of eventfunctions. Did you mean eventfunctions producers keys rotate or eventfunctions webhooks rotate?")]
    [InlineData("jobs frobnicate", "Unknown command 'frobnicate' of eventfunctions jobs. Use one of get, cancel.")]
    [InlineData("list --stats failed", "Unknown option '--stats' of eventfunctions list. Did you mean --status?")]
    [InlineData("list --urll x", "Unknown option '--urll' of eventfunctions list. Did you mean --url?")]
    [InlineData("replay --dryrun", "Unknown option '--dryrun' of eventfunctions replay. Did you mean --dry-run?")]
    [InlineData("send --sorce x", "Unknown option '--sorce' of eventfunctions send. Did you mean --source?")]
    [InlineData("list --limit abc", "'abc' is not a value of --limit, which must be a whole number.")]
    [InlineData("webhooks", "eventfunctions webhooks needs a command: list, get, state, put, delete, rotate, ")]
    [InlineData("completion zs", "Unknown shell 'zs'. Use bash, zsh, fish or pwsh.")]
    public async Task A_command_line_that_is_wrong_gets_a_suggestion_from_the_command_it_named(string line, string expected)
    {
        var run = await RunAsync(line.Split(' '));

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Output));
        Assert.StartsWith(expected, run.Error, StringComparison.Ordinal);
        Assert.Matches(@"\nSee: eventfunctions.* --help\s*$", run.Error);
        Assert.Equal(2, run.Error.Trim().Split('\n').Length);
    }

    [Theory]
    [InlineData("get", "/h", "--source", "/?")]
    [InlineData("get", "--source", "/s", "--", "--dry-run")]
    public async Task A_value_is_not_taken_for_an_option(params string[] args)
    {
        var run = await RunAsync(args);

        Assert.Equal(ExitCode.Unreachable, run.ExitCode);
    }

    private static Task<ToolRun> RunAsync(params string[] args) =>
        ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, args, TestContext.Current.CancellationToken);
}
