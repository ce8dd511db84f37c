using EventFunctions.Local.CommandLine;
using EventFunctions.Local.Demo;

namespace EventFunctions.Tests.Demo;

/// <summary>The demo in this process: where it comes out as planned, the built command is tested.</summary>
public sealed class DemoCommandTests : IDisposable
{
    private readonly TemporaryFolder _temp = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    public void Dispose()
    {
        _temp.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public async Task What_does_not_happen_in_a_scene_is_named_and_exits_1_with_the_data_kept()
    {
        var options = new DemoOptions
        {
            Events = 1,
            Seed = 1,
            DataDirectory = _temp.File("demo"),
            Patience = TimeSpan.FromSeconds(2),
            Settings = new Dictionary<string, string?> { ["TickSchedule"] = "0 0 0 29 2 *" },
        };

        var exitCode = await new DemoCommand(new Terminal(_output, _error, interactive: false)).RunAsync(options, TestContext.Current.CancellationToken);

        Assert.Equal(1, exitCode);
        var said = _error.ToString();
        Assert.Contains("pulled from a feed, completed: expected 20, were 0", said, StringComparison.Ordinal);
        Assert.Contains("refused in the feed: expected 1, were 0", said, StringComparison.Ordinal);
        Assert.Contains("silence reported: expected 1, were 0", said, StringComparison.Ordinal);
        Assert.Contains("replayed, completed: expected 5, were 0", said, StringComparison.Ordinal);
        Assert.DoesNotContain("The store contains exactly the events that were sent.", _output.ToString(), StringComparison.Ordinal);
        Assert.True(File.Exists(Path.Combine(options.DataDirectory, "events.db")));
    }

    [Theory]
    [InlineData(2, 3, "things: expected 3, were 2")]
    [InlineData(4, 3, "things: expected 3, were 4")]
    [InlineData(3, 3, null)]
    [InlineData(3, null, null)]
    public void A_row_that_is_not_as_planned_is_a_difference(int count, int? planned, string? difference) =>
        Assert.Equal(difference, new DemoRow("things", count, planned).Difference);
}
