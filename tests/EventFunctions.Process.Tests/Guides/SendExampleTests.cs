using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Guides;

/// <summary>The examples that send an event and read it until it is completed.</summary>
public sealed class SendExampleTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_example_sends_an_event_and_reads_it_until_it_is_completed()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync(settings: ("Sample:Enabled", "true"));
        (string File, string Code)[] examples =
        [
            ("send.py", Example.Block("docs/produce.md", "python")),
            ("send.mjs", Example.Sample("send/send.mjs")),
            ("Send.java", Example.Sample("send/Send.java")),
        ];
        foreach (var (file, code) in examples)
        {
            using var example = await Example.StartAsync(file, code, service.Host.Address, folder);
            var output = await example.StandardOutput.RestAsync();
            await example.EndsAsync();

            Assert.True(example.ExitCode == 0, file + output);
            Assert.StartsWith("202 {\"id\":\"renewal-", output, StringComparison.Ordinal);
            Assert.EndsWith("completed", output.TrimEnd(), StringComparison.Ordinal);
        }

        Assert.Equal("completed", await FirstEvent.SendAsync(service.Host.Address));
    }

    [Fact]
    public void The_example_in_CSharp_is_the_one_that_is_tested()
    {
        var lines = Example.Block("docs/produce.md", "csharp").Trim().Split('\n').Select(line => line.Length == 0 ? line : "        " + line);

        Assert.Contains(
            string.Join('\n', lines),
            File.ReadAllText(Repository.File("tests/EventFunctions.Process.Tests/Guides/FirstEvent.cs")).ReplaceLineEndings("\n"),
            StringComparison.Ordinal);
    }
}
