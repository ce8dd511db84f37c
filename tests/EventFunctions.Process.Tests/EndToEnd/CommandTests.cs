using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace EventFunctions.Tests.EndToEnd;

/// <summary>What somebody sees who runs the built host.</summary>
[Collection(HostProcesses.Name)]
public sealed class CommandTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_demo_accounts_for_every_event_and_exits_0()
    {
        var (exitCode, output) = await RunAsync(HostProcess.Command("demo", "--events", "200"));

        Assert.True(exitCode == 0, output);
        var table = output.Split('\n').Select(line => line.Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Where(row => row.Length > 0).ToDictionary(row => row[0]);
        Assert.Equal(["200", "200"], table["events accepted"][1..]);
        Assert.All(table.Values.Where(row => row.Length == 3), row => Assert.Equal(row[2], row[1]));
        foreach (var row in (string[])[
            "requests posted", "repeats recognised", "conflicts refused", "completed", "failed as planned", "pulled from a feed, completed",
            "refused in the feed", "signed messages, completed", "messages forged, refused", "of GitHub, Stripe and Slack, completed", "replayed as another event, refused", "filtered by it, not published", "in its history, newest first",
            "with the changes since", "replayed, completed", "silence reported", "its end reported"])
        {
            Assert.NotEqual("0", table[row][2]);
        }

        Assert.NotEqual("0", table["failed as planned"][1]);
        Assert.Contains("The store contains exactly the events that were sent.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_demo_whose_producer_serves_something_else_than_planned_names_the_differences_and_exits_1()
    {
        using var folder = new TemporaryFolder();

        var (exitCode, output) = await RunAsync(HostProcess.Command(
            "demo", "--events", "50", "--data", folder.File("demo"), "--setting", "Producers:sample:data:maxBytes=64"));

        Assert.Equal(1, exitCode);
        Assert.Contains("expected completed , is failed tooLarge", output, StringComparison.Ordinal);
        Assert.DoesNotContain("The store contains exactly the events that were sent.", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_lines_that_the_host_invites_to_paste_work_in_a_shell()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The shell is Unix's.");
        using var folder = new TemporaryFolder();
        await using var host = new HostProcess(folder.Path, new Dictionary<string, string>());
        await host.StartAsync(Cancellation);
        await Poll.UntilAsync(() => host.Output.Any(line => line.StartsWith("Serving. ", StringComparison.Ordinal)), () => string.Join('\n', host.Output));
        var lines = host.Output.Where(line => line.StartsWith("  curl ", StringComparison.Ordinal)).ToArray();
        Assert.Equal(3, lines.Length);

        var (posted, answer) = await RunAsync(Shell(lines[0]));
        var record = "";
        await Poll.UntilAsync(
            async () =>
            {
                (_, record) = await RunAsync(Shell(lines[1]));
                return record.Contains("\"completed\"", StringComparison.Ordinal);
            },
            () => record);

        var (_, message) = await RunAsync(Shell(lines[2]));

        foreach (var step in (string[])["recorded", "delivered", "fetched", "completed"])
        {
            Assert.Equal(2, host.Output.Count(line => Regex.IsMatch(line, $@"^  \d+ ms +{step}\b")));
        }

        Assert.Equal(0, posted);
        Assert.StartsWith("HTTP/1.1 202", answer, StringComparison.Ordinal);
        Assert.Contains(host.Output, line => Regex.IsMatch(line, @"^  0 ms +recorded +feed$"));
        Assert.StartsWith("HTTP/1.1 202", message, StringComparison.Ordinal);
        Assert.Equal("policy-7", JsonDocument.Parse(record).RootElement.GetProperty("subject").GetString());
    }

    private static ProcessStartInfo Shell(string line) => new("sh", ["-c", line.Trim().Replace("curl ", "curl -s ", StringComparison.Ordinal)])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };

    private static async Task<(int ExitCode, string Output)> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var error = process.StandardError.RestAsync();
        var output = await process.StandardOutput.RestAsync();
        await process.EndsAsync();
        return (process.ExitCode, output + await error);
    }
}
