using EventFunctions.Local.CommandLine;
using EventFunctions.Local.Hosting;

namespace EventFunctions.Tests.Hosting;

public sealed class HostCommandTests : IDisposable
{
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();
    private readonly TemporaryFolder _temp = new();

    public void Dispose()
    {
        _temp.Dispose();
        _output.Dispose();
        _error.Dispose();
    }

    [Theory]
    [InlineData("--nonsense")]
    [InlineData("nonsense")]
    [InlineData("--urls")]
    [InlineData("--urls nonsense")]
    [InlineData("--urls http://127.0.0.1:1 --urls http://127.0.0.1:2")]
    [InlineData("--setting nonsense")]
    [InlineData("--setting =nonsense")]
    [InlineData("--events 5")]
    [InlineData("demo --events 0")]
    [InlineData("demo --events many")]
    [InlineData("demo --events 99999999")]
    [InlineData("demo --seed -1")]
    public async Task What_makes_no_sense_is_told_in_one_line_and_exits_2(string arguments)
    {
        Assert.Equal(2, await RunAsync(arguments));

        Assert.Single(_error.ToString().TrimEnd().Split('\n'));
        Assert.Empty(_output.ToString());
    }

    [Fact]
    public async Task A_data_folder_in_use_is_told_in_one_line_and_exits_2()
    {
        using var taken = DataFolder.Open(_temp.Path);

        Assert.Equal(2, await RunAsync($"--urls http://127.0.0.1:0 --data {_temp.Path}"));

        Assert.Contains("in use by another process", Assert.Single(_error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_busy_port_is_told_in_one_line_and_exits_2()
    {
        using var taken = BoundListeners.Bind(ListeningAddresses.Parse("http://127.0.0.1:0"));

        Assert.Equal(2, await RunAsync($"--urls http://{taken.EndPoints[0]} --data {_temp.Path}"));

        Assert.Contains("the port is taken", Assert.Single(_error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_others_reach_needs_a_key_before_anything_starts()
    {
        Assert.Equal(2, await RunAsync($"--urls http://0.0.0.0:0 --data {_temp.Path}"));

        Assert.Contains("Keys:Host", Assert.Single(_error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_takes_no_folder_with_something_in_it()
    {
        File.WriteAllText(_temp.File("something"), "");

        Assert.Equal(2, await RunAsync($"demo --data {_temp.Path}"));

        Assert.Contains("must be empty", _error.ToString(), StringComparison.Ordinal);
    }

    private Task<int> RunAsync(string arguments) => HostCommand.RunAsync(arguments.Split(' '), new Terminal(_output, _error, interactive: false));
}
