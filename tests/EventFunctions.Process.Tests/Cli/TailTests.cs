using System.Net;
using EventFunctions.Cli;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Cli;

[Collection(HostProcesses.Name)]
public sealed class TailTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_tail_goes_on_over_ends_of_the_stream_and_begins_behind_a_place()
    {
        await using var service = await ToolRun.ServiceAsync(("Stream:MaxDuration", "00:00:01"), ("Stream:RetryAfter", "00:00:00.1"));
        using var first = await service.PostAsync(Service.Event("before"));
        await service.ReachesAsync("before", "completed");
        var place = await PlaceAsync(service);
        const int Events = 40;

        var tailing = ToolRun.RunAsync(service, null, "tail", "--json", "--status", "completed", "--source", Service.Source, "--count", $"{Events}", "--after", place);
        for (var i = 0; i < Events; i++)
        {
            using var posted = await service.PostAsync(Service.Event($"{i}"));
            await service.ReachesAsync($"{i}", "completed");
            await Task.Delay(TimeSpan.FromMilliseconds(50), Cancellation);
        }

        var run = await tailing;
        Assert.Equal(ExitCode.Ok, run.ExitCode);
        Assert.Equal(Enumerable.Range(0, Events).Select(i => $"{i}"), run.Json.Select(record => record.GetProperty("id").GetString()));
        Assert.StartsWith("To continue from here: --after ", run.Error, StringComparison.Ordinal);

        var again = await ToolRun.RunAsync(service, null, "tail", "--json", "--count", $"{Events}", "--after", place);
        Assert.Equal(Events, again.Json.Select(record => record.GetProperty("id").GetString()).Distinct().Count());
    }

    [Fact]
    public async Task A_tail_survives_the_service_being_killed_and_misses_nothing()
    {
        using var folder = new TemporaryFolder();
        await using var producer = await StubProducer.StartAsync();
        var settings = producer.Registration("/tests/tail");
        settings["TickSchedule"] = "* * * * * *";
        settings["Intake:FirstRelayAfter"] = "00:00:02";
        await using var host = new HostProcess(folder.Path, settings);
        await host.StartAsync(Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        await using var output = new SharedText();
        await using var error = new SharedText();
        var context = ToolRun.At(host.Address) with { Output = output, Error = error };

        var tailing = Tool.RunAsync(["tail", "--json", "--status", "completed"], context, stop.Token);
        using var client = new HttpClient { BaseAddress = host.Address };
        await SendUntilSeenAsync("first");
        for (var kill = 0; kill < 2; kill++)
        {
            using var sent = await PostAsync($"before-{kill}");
            await host.KillAsync();
            await host.StartAsync(Cancellation);
            await SendUntilSeenAsync($"after-{kill}");
            await Poll.UntilAsync(() => Seen($"before-{kill}"), () => error.ToString());
        }

        await stop.CancelAsync();
        Assert.Equal(ExitCode.Ok, await tailing);
        Assert.Contains("To continue from here: --after ", error.ToString(), StringComparison.Ordinal);

        Task<HttpResponseMessage> PostAsync(string id) => client.PostAsync("/api/events", new StringContent(
            $$"""{"id":"{{id}}","source":"/tests/tail","type":"t","subject":"{{id}}"}""", null, "application/json"), Cancellation);

        // A tail begins now, and when that is nobody but the service knows.
        async Task SendUntilSeenAsync(string name)
        {
            var sent = 0;
            await Poll.UntilAsync(
                async () =>
                {
                    using var posted = await PostAsync($"{name}-{sent++}");
                    await Task.Delay(TimeSpan.FromMilliseconds(100), Cancellation);
                    return Seen(name);
                },
                () => error.ToString());
        }

        bool Seen(string name) => output.ToString().Contains($"\"id\":\"{name}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tail_that_finds_no_service_or_is_refused_ends()
    {
        await using var service = await ToolRun.ServiceAsync();

        var refused = await ToolRun.RunAsync(service, null, "tail", "--after", "nowhere");
        var away = await ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, ["tail"], Cancellation);

        Assert.Equal((ExitCode.Failed, ExitCode.Unreachable), (refused.ExitCode, away.ExitCode));
        Assert.Contains("Last-Event-ID", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_comes_again_after_the_connection_broke_is_shown_once()
    {
        string[] connections =
        [
            "retry: 1\nid: a\n\ndata: {\"id\":\"1\"}\n\nid: b\ndata: {\"id\":\"2\"}\n\ndata: {\"id\":\"3\"}\n\ndata: {\"id\":\"4\"",
            "data: {\"id\":\"3\"}\n\ndata: {\"id\":\"4\"}\n\nid: c\ndata: {\"id\":\"5\"}\n\n",
            "data: {\"id\":\"3\"}\n\n",
        ];
        var opened = 0;
        var network = new Answers(_ => opened switch
        {
            2 => Answer("", HttpStatusCode.ServiceUnavailable, opened++),
            _ => Answer(connections[Math.Min(opened, 3) switch { 0 => 0, 1 => 1, _ => 2 }], HttpStatusCode.OK, opened++),
        });

        var run = await ToolRun.RunAsync(
            ToolRun.At(new Uri("http://127.0.0.1:7071")) with { Network = _ => network }, null, ["tail", "--json", "--count", "6"], Cancellation);

        Assert.Equal(["1", "2", "3", "4", "5", "3"], run.Json.Select(record => record.GetProperty("id").GetString()));
        Assert.Equal([null, "b", "c", "c"], network.Sent.Select(request => request.Headers.TryGetValues("Last-Event-ID", out var values) ? values.Single() : null));

        static HttpResponseMessage Answer(string body, HttpStatusCode status, int _) =>
            new(status) { Content = new StringContent(body, null, "text/event-stream") };
    }

    // Behind what happened so far.
    private static async Task<string> PlaceAsync(Service service)
    {
        using var response = await service.Client.GetAsync("/api/feed?events=thin", Cancellation);
        return response.Headers.GetValues("Last-Event-ID").Single();
    }
}
