using System.Text.Json;
using System.Text.RegularExpressions;
using EventFunctions.Cli;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Cli;

public sealed class ReadingTests
{
    private const string Hostile = "\\u001b]0;owned\\u0007\\u009b2J\\u202etxt\\r\\n[red]x[/]";

    // The tool's own.
    private const string Colour = "\u001b\\[[0-9;]*m";

    [Fact]
    public async Task An_event_is_shown_with_its_timeline_and_its_data()
    {
        await using var service = await ToolRun.ServiceAsync();
        using var posted = await service.PostAsync(Service.Event("one", """{"n":1.50}"""));
        await service.ReachesAsync("one", "completed");

        var json = await ToolRun.RunAsync(service, null, "get", "one", "--source", Service.Source, "--json");
        var text = await ToolRun.RunAsync(service, null, "get", "one", "--source", Service.Source);
        var data = await ToolRun.RunAsync(service, null, "get", "one", "--source", Service.Source, "--data", "--json");
        var none = await ToolRun.RunAsync(service, null, "get", "../two?", "--source", Service.Source);

        Assert.Equal(await service.GetAsync("one"), json.Output.TrimEnd());
        Assert.Contains("status            completed", text.Output, StringComparison.Ordinal);
        Assert.Contains("\"n\": 1.50", text.Output, StringComparison.Ordinal);
        foreach (var step in (string[])["recorded", "delivered", "fetched", "completed"])
        {
            Assert.Contains(text.Lines, line => line.Contains("Z  " + step, StringComparison.Ordinal));
        }

        Assert.Equal(StubProducer.DataOf("one"), data.Output.TrimEnd());
        Assert.Equal((ExitCode.NotFound, ""), (none.ExitCode, none.Output));
        Assert.StartsWith("404 Not Found: ", none.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_comes_in_pages_with_every_filter()
    {
        await using var service = await ToolRun.ServiceAsync();
        for (var i = 0; i < 5; i++)
        {
            using var posted = await service.PostAsync(Service.Event($"{(i == 0 ? StubProducer.Gone : "")}{i}"));
        }

        await service.ReachesAsync("gone-0", "failed");

        var first = await ToolRun.RunAsync(service, null, "list", "--limit", "2", "--json");
        var token = first.Error.Trim().Split(' ')[^1];
        var rest = await ToolRun.RunAsync(service, null, "list", "--limit", "2", "--continuation", token, "--all", "--json");
        var failed = await ToolRun.RunAsync(
            service, null,
            "list", "--status", "failed,deadLettered", "--status", "filtered", "--source", Service.Source, "--type", "thing.changed", "--subject", "gone-0",
            "--dismissed", "false", "--from", "2026-01-01T00:00:00Z", "--to", "2999-01-01T00:00:00Z");
        var nothing = await ToolRun.RunAsync(service, null, "list", "--dismissed");
        var wrong = await ToolRun.RunAsync(service, null, "list", "--status", "broken", "--from", "yesterday");

        Assert.StartsWith("There is more: --all, or --continuation ", first.Error, StringComparison.Ordinal);
        Assert.Equal(["4", "3", "2", "1", "gone-0"], first.Json.Concat(rest.Json).Select(record => record.GetProperty("id").GetString()));
        Assert.Equal("", rest.Error);
        Assert.Equal(2, failed.Lines.Length);
        Assert.Contains("failed", failed.Lines[1], StringComparison.Ordinal);
        Assert.Contains("dataNotFound", failed.Lines[1], StringComparison.Ordinal);
        Assert.Equal((ExitCode.Ok, "", "Nothing."), (nothing.ExitCode, nothing.Output, nothing.Error.Trim()));
        Assert.Equal(ExitCode.Failed, wrong.ExitCode);
        Assert.Contains("  status: ", wrong.Error, StringComparison.Ordinal);
        Assert.Contains("  from: ", wrong.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("list")]
    [InlineData("list", "--json")]
    [InlineData("get", "x", "--source", "y")]
    [InlineData("get", "x", "--source", "y", "--json")]
    [InlineData("get", "x", "--source", "y", "--data")]
    [InlineData("tail", "--count", "1")]
    [InlineData("tail", "--count", "1", "--json")]
    [InlineData("failures")]
    [InlineData("jobs")]
    [InlineData("jobs", "get", "x")]
    [InlineData("replay", "x", "--source", "y")]
    [InlineData("producers", "list")]
    [InlineData("producers", "get", "x")]
    [InlineData("producers", "history", "x")]
    [InlineData("webhooks", "list")]
    [InlineData("webhooks", "deliveries", "x")]
    [InlineData("webhooks", "delivery", "x", "y")]
    [InlineData("webhooks", "resend", "x", "y")]
    public async Task Hostile_text_in_any_field_is_shown_and_changes_nothing_in_a_terminal(params string[] args)
    {
        var fields = string.Join(',', ((string[])[
            "id", "source", "type", "subject", "status", "producer", "reason", "recordedAt", "action", "state", "name", "change", "by", "count", "first", "detail", "what", "at"])
            .Select(name => $"\"{name}\":\"{Hostile}\""));
        var item = $$"""{{{fields}},"data":{"baseUrl":"{{Hostile}}"},"{{Hostile}}":"{{Hostile}}","samples":[{{{fields}}}]}""";
        var record = $$"""{{item[..^1]}},"timeline":[{{item}}],"items":[{{item}}]}""";
        var network = new Answers(request => new HttpResponseMessage
        {
            Content = request.RequestUri!.AbsolutePath.EndsWith("/stream", StringComparison.Ordinal)
                ? new StringContent($"data: {record}\n\n", null, "text/event-stream")
                : new StringContent(record, null, "application/json"),
        });

        foreach (var terminal in (bool[])[false, true])
        {
            var run = await ToolRun.RunAsync(
                ToolRun.At(new Uri("http://127.0.0.1:7071")) with { Network = _ => network, IsOutputTerminal = terminal }, null, args, TestContext.Current.CancellationToken);

            Assert.Equal(ExitCode.Ok, run.ExitCode);
            Assert.Contains("owned", run.Output, StringComparison.Ordinal);
            Assert.DoesNotContain(Regex.Replace(run.Output + run.Error, Colour, ""), c => c is '\u001b' or '\u0007' or '\u009b' or '\u202e');
            Assert.DoesNotContain("\n[red]x", run.Output, StringComparison.Ordinal);
            Assert.True(terminal || !run.Output.Contains('\u001b', StringComparison.Ordinal));
            if (args.Contains("--json"))
            {
                Assert.All(run.Json, json => Assert.Equal(JsonElement.Parse(record).GetProperty("items")[0].GetProperty("id").GetString(), json.GetProperty("id").GetString()));
            }
        }
    }
}
