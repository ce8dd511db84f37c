using System.Text.Json;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Guides;

/// <summary>What <c>docs/producers.md</c> shows does what it says.</summary>
public sealed class ProducerGuideTests
{
    private readonly Guide _guide = new("producers.md");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("js")]
    [InlineData("python")]
    public async Task The_example_sends_an_event_and_follows_it_to_its_end(string language)
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync(settings: ("Sample:Enabled", "true"));
        using var example = await _guide.StartAsync(language, service.Host.Address, folder);

        var output = await example.StandardOutput.ReadToEndAsync(Stop);
        await example.WaitForExitAsync(Stop);

        Assert.Equal(0, example.ExitCode);
        Assert.StartsWith("202 {\"id\":\"renewal-", output, StringComparison.Ordinal);
        Assert.EndsWith("completed", output.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_example_for_curl_sends_an_event()
    {
        using var folder = new TemporaryFolder();
        await using var service = await Service.StartAsync(settings: ("Sample:Enabled", "true"));
        using var example = await _guide.StartAsync("bash", service.Host.Address, folder);

        var output = await example.StandardOutput.ReadToEndAsync(Stop);
        Assert.SkipWhen(output.Length == 0 && !OperatingSystem.IsLinux(), "curl is not on this machine.");

        Assert.StartsWith("HTTP/1.1 202", output, StringComparison.Ordinal);
        var record = JsonElement.Parse(await service.Client.GetByteArrayAsync("/api/events/renewal-curl?source=%2Finsurance%2Fpolicies", Stop));
        Assert.Equal("policy.renewed", record.GetProperty("type").GetString());
    }

    [Fact]
    public async Task The_example_in_CSharp_is_the_one_that_is_tested_and_follows_its_event_to_its_end()
    {
        await using var service = await Service.StartAsync(settings: ("Sample:Enabled", "true"));

        Assert.Equal("completed", await FirstEvent.SendAsync(service.Host.Address));
        var lines = _guide.Example("csharp").Trim().Split('\n').Select(line => line.Length == 0 ? line : "        " + line);
        Assert.Contains(string.Join('\n', lines), Guide.Source("FirstEvent.cs"), StringComparison.Ordinal);
    }
}
