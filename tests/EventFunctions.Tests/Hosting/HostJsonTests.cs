using System.Text.Json;

namespace EventFunctions.Tests.Hosting;

/// <summary>What the Functions host is told, and how it is started for debugging.</summary>
public sealed class HostJsonTests
{
    [Theory]
    [InlineData("version", "2.0")]
    [InlineData("telemetryMode", "OpenTelemetry")]
    [InlineData("functionTimeout", "00:05:00")]
    [InlineData("extensions/http/routePrefix", "api")]
    [InlineData("extensions/http/maxOutstandingRequests", "2000")]
    [InlineData("extensions/http/maxConcurrentRequests", "500")]
    [InlineData("logging/logLevel/default", "Warning")]
    [InlineData("logging/logLevel/EventFunctions", "Information")]
    [InlineData("logging/logLevel/Azure.Core", "Error")]
    public void The_host_is_told_what_the_service_counts_on(string path, string value)
    {
        using var file = JsonDocument.Parse(File.ReadAllText(Repository.File("host.json")));

        Assert.Equal(value, path.Split('/').Aggregate(file.RootElement, (part, name) => part.GetProperty(name)).ToString());
    }

    [Fact]
    public void The_functions_start_for_debugging_when_all_that_they_need_is_up()
    {
        using var tasks = JsonDocument.Parse(File.ReadAllText(Repository.File(".vscode/tasks.json")));
        var all = tasks.RootElement.GetProperty("tasks").EnumerateArray().ToList();
        var start = Assert.Single(all, task => task.GetProperty("label").GetString() == "func: host start");

        Assert.Equal("sequence", start.GetProperty("dependsOrder").GetString());
        Assert.Subset(
            all.Select(task => task.GetProperty("label").GetString()).ToHashSet(),
            start.GetProperty("dependsOn").EnumerateArray().Select(label => label.GetString()).ToHashSet());
    }
}
