using System.Diagnostics;
using System.Globalization;
using EventFunctions.Cli;
using EventFunctions.Tests.EndToEnd;
using EventFunctions.Webhooks;

namespace EventFunctions.Tests.Cli;

/// <summary>The built tool as a process of its own.</summary>
[Collection(HostProcesses.Name)]
public sealed class ToolProcessTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_a_command_it_says_what_it_can_do_in_plain_text()
    {
        using var tool = Start();

        var help = await tool.StandardOutput.RestAsync();
        await tool.EndsAsync();

        Assert.Equal(ExitCode.Ok, tool.ExitCode);
        Assert.Contains("eventfunctions [command] [options]", help, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', help);
    }

    [Theory]
    [InlineData("INT")]
    [InlineData("TERM")]
    public async Task A_signal_ends_it_in_order(string signal)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Signals are Unix's.");
        using var tool = Start("listen", "--port", "0", "--secret", WebhookSecret.Create().Text);
        Assert.StartsWith("Receiving at http://127.0.0.1:", await tool.StandardError.LineAsync(), StringComparison.Ordinal);

        using var kill = Process.Start("kill", ["-" + signal, tool.Id.ToString(CultureInfo.InvariantCulture)]);
        await tool.EndsAsync();

        Assert.Equal((ExitCode.Ok, ""), (tool.ExitCode, await tool.StandardError.RestAsync()));
    }

    [Fact]
    public async Task Full_data_goes_through_a_pipe_byte_for_byte()
    {
        await using var service = await ToolRun.ServiceAsync();
        using var posted = await service.PostAsync(Service.Event("one"));
        await service.ReachesAsync("one", "completed");
        using var tool = Start("get", "one", "--source", Service.Source, "--data", "--url", service.Host.Address.AbsoluteUri);

        var data = await tool.StandardOutput.RestAsync();
        await tool.EndsAsync();

        Assert.Equal((ExitCode.Ok, StubProducer.DataOf("one")), (tool.ExitCode, data));
    }

    private static Process Start(params string[] arguments) => Process.Start(new ProcessStartInfo("dotnet", [typeof(Tool).Assembly.Location, .. arguments])
    {
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    })!;
}
