using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using EventFunctions.Cli;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Cli;

public sealed class SendTests
{
    [Fact]
    public async Task An_event_from_options_is_recorded_as_it_was_written()
    {
        await using var service = await ToolRun.ServiceAsync();
        string[] options = ["--source", Service.Source, "--type", "thing.changed", "--subject", "s", "--time", "2026-01-31T08:30:00Z", "--data", """{"n": 1.000000000000000000000000000001}"""];

        var sent = await ToolRun.RunAsync(service, null, ["send", "--id", "one", "--json", .. options]);
        var again = await ToolRun.RunAsync(service, null, ["send", "--id", "one", .. options]);
        var unnamed = await ToolRun.RunAsync(service, null, ["send", .. options]);
        var other = await ToolRun.RunAsync(service, null, ["send", "--id", "one", .. options[..^1], "{}"]);

        Assert.Equal(ExitCode.Ok, sent.ExitCode);
        Assert.Equal("one", sent.Json.Single().GetProperty("id").GetString());
        Assert.Equal((ExitCode.Ok, "1 accepted, 1 of them known before: one"), (again.ExitCode, again.Output.Trim()));
        Assert.StartsWith("1 accepted: ", unnamed.Output, StringComparison.Ordinal);
        Assert.Equal("s", (await service.ReadAsync(unnamed.Output.Trim().Split(' ')[^1])).GetProperty("subject").GetString());
        Assert.Equal((ExitCode.Conflict, "0 accepted, 1 in conflict: one"), (other.ExitCode, other.Output.Trim()));
        Assert.StartsWith("Event 1 (one): #/id: An event with this source and id exists", other.Error, StringComparison.Ordinal);
        var record = await service.ReadAsync("one");
        Assert.Equal("""{"n": 1.000000000000000000000000000001}""", record.GetProperty("data").GetRawText());
        Assert.Equal("2026-01-31T08:30:00Z", record.GetProperty("time").GetString());
    }

    [Theory]
    [InlineData("{0}", 1)]
    [InlineData("\uFEFF  {0}  ", 1)]
    [InlineData("[{0},{1}]", 2)]
    [InlineData(" \n[ {0} ]\n", 1)]
    [InlineData("{0}\n{1}\n", 2)]
    [InlineData("{0}{1}\r\n\r\n{2}", 3)]
    public async Task Events_come_alone_as_an_array_or_behind_each_other(string form, int count)
    {
        await using var service = await ToolRun.ServiceAsync();
        var events = Enumerable.Range(0, 3).Select(i => (object)$$"""
            {
              "id": "{{i}}", "source": "{{Service.Source}}", "subject": "s",
              "type": "thing.changed"{{(i == 1 ? ", \"specversion\": \"1.0\"" : "")}} }
            """).ToArray();

        var sent = await ToolRun.RunAsync(service, string.Format(CultureInfo.InvariantCulture, form, events), "send", "-", "--json");

        Assert.Equal((ExitCode.Ok, ""), (sent.ExitCode, sent.Error));
        Assert.Equal(Enumerable.Range(0, count).Select(i => $"{i}"), sent.Json.Select(receipt => receipt.GetProperty("id").GetString()));
    }

    [Fact]
    public async Task Of_many_events_the_bad_ones_are_named_and_all_others_recorded()
    {
        await using var service = await ToolRun.ServiceAsync();
        using var folder = new TemporaryFolder();
        var file = folder.File("events.ndjson");
        await File.WriteAllLinesAsync(file, Enumerable.Range(1, 1_203).Select(i => i switch
        {
            7 => """{"id":"7","source":"","type":"t","subject":5}""",
            600 => """{"id":"600","source":"/nobody","type":"t"}""",
            601 => $$"""{"id":"601","source":"{{Service.Source}}","type":"t","data":"{{new string('x', 1_100_000)}}"}""",
            1_203 => $$"""{"id":"1","source":"{{Service.Source}}","type":"other","subject":"s"}""",
            _ => $$"""{"id":"{{i}}","source":"{{Service.Source}}","type":"t","subject":"{{i % 10}}"}""",
        }), TestContext.Current.CancellationToken);

        var sent = await ToolRun.RunAsync(service, null, "send", file);

        Assert.Equal("1199 accepted, 1 in conflict, 3 refused", sent.Output.Trim());
        Assert.Equal(ExitCode.Failed, sent.ExitCode);
        Assert.Contains("Event 7 (7): #/source: ", sent.Error, StringComparison.Ordinal);
        Assert.Contains("Event 7 (7): #/subject: ", sent.Error, StringComparison.Ordinal);
        Assert.Contains("Event 600 (600): #/source: Unknown source \"/nobody\". Register a producer for it (PUT /api/producers/{name}). Registered sources: \"", sent.Error, StringComparison.Ordinal);
        Assert.Contains("Event 601 (601): ", sent.Error, StringComparison.Ordinal);
        Assert.Contains("Event 1203 (1): #/id: An event with this source and id exists", sent.Error, StringComparison.Ordinal);
        var listed = await ToolRun.RunAsync(service, null, "list", "--all", "--json");
        Assert.Equal(1_199, listed.Lines.Length);
    }

    [Theory]
    [InlineData("/nobody", null, ExitCode.Failed)]
    [InlineData("/nobody", "wrong", ExitCode.Unauthorized)]
    public async Task An_unknown_source_is_refused_and_not_taken_for_a_missing_key(string source, string? key, int exitCode)
    {
        await using var service = await ToolRun.ServiceAsync();

        var sent = await ToolRun.RunAsync(service, null, ["send", "--source", source, "--type", "t", .. key is null ? [] : (string[])["--producer-key", key]]);

        Assert.Equal(exitCode, sent.ExitCode);
    }

    [Fact]
    public async Task What_stands_before_a_fault_in_the_file_is_sent()
    {
        await using var service = await ToolRun.ServiceAsync();
        var good = $$"""{"id":"1","source":"{{Service.Source}}","type":"t","subject":"s"}""" + "\n";

        var cut = await ToolRun.RunAsync(service, good + """{"id":"2","sou""", "send", "-");
        var number = await ToolRun.RunAsync(service, good + "17", "send", "-");
        var nothing = await ToolRun.RunAsync(service, " \n", "send", "-");
        var missing = await ToolRun.RunAsync(service, null, "send", "/no/such/file");

        Assert.Equal((ExitCode.Failed, "1 accepted"), (cut.ExitCode, cut.Output.Trim()));
        Assert.StartsWith("The input is not JSON at event 2", cut.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Failed, "1 accepted, 1 of them known before"), (number.ExitCode, number.Output.Trim()));
        Assert.StartsWith("Event 2 is not a JSON object.", number.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Usage, ExitCode.Usage), (nothing.ExitCode, missing.ExitCode));
        Assert.Equal(["1"], await service.ListAsync());
    }

    [Fact]
    public async Task A_service_that_is_busy_is_asked_again()
    {
        await using var service = await ToolRun.ServiceAsync();
        var busy = new Busy(times: 2);
        var context = ToolRun.At(service.Host.Address) with { Network = network => { busy.InnerHandler = network; return busy; } };

        var sent = await ToolRun.RunAsync(
            context, Encoding.UTF8.GetBytes($$"""{"id":"1","source":"{{Service.Source}}","type":"t","subject":"s"}"""), ["send", "-"], TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Ok, "1 accepted", 3), (sent.ExitCode, sent.Output.Trim(), busy.Calls));
    }

    [Fact]
    public async Task What_exceeds_a_quota_is_sent_in_smaller_batches_when_they_fit()
    {
        var busy = true;
        var sizes = new List<int>();
        var network = new Answers(request =>
        {
            using var body = request.Content!.ReadAsStream();
            using var events = JsonDocument.Parse(body);
            sizes.Add(events.RootElement.GetArrayLength());
            return sizes[^1] > 3 ? Problem(HttpStatusCode.RequestEntityTooLarge, "Send batches of at most 3 events.")
                : (busy = !busy) ? Problem(HttpStatusCode.TooManyRequests, "Send it again after 1 s.")
                : new(HttpStatusCode.Accepted)
                {
                    Content = Json($"[{string.Join(',', events.RootElement.EnumerateArray().Select(_ => """{"duplicate":false}"""))}]"),
                };
        });
        var input = string.Join('\n', Enumerable.Range(0, 5).Select(i => $$"""{"id":"{{i}}","source":"/s","type":"t"}"""));

        var sent = await ToolRun.RunAsync(
            ToolRun.At(new Uri("http://127.0.0.1:7071")) with { Network = _ => network }, Encoding.UTF8.GetBytes(input), ["send", "-"], TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Ok, "5 accepted"), (sent.ExitCode, sent.Output.Trim()));
        Assert.Equal([5, 3, 2, 2], sizes);
        Assert.Equal("Send it again after 1 s.", sent.Error.Trim());

        static StringContent Json(string text) => new(text, null, "application/json");

        static HttpResponseMessage Problem(HttpStatusCode status, string detail) => new(status)
        {
            Content = Json($$$"""{"detail":"{{{detail}}}","quota":{"eventsPerMinute":3}}"""),
            Headers = { RetryAfter = new(TimeSpan.Zero) },
        };
    }

    [Theory]
    [InlineData("--source", "/s")]
    [InlineData("--type", "t")]
    [InlineData("--source", "/s", "--type", "t", "--data", "{")]
    [InlineData("--source", "/s", "--type", "t", "file")]
    [InlineData]
    public async Task What_makes_no_event_is_a_usage_error(params string[] args)
    {
        var run = await ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")), null, ["send", .. args], TestContext.Current.CancellationToken);

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Output));
        Assert.EndsWith("See: eventfunctions send --help" + Environment.NewLine, run.Error, StringComparison.Ordinal);
    }

    private sealed class Busy(int times) : DelegatingHandler
    {
        public int Calls { get; private set; }

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            ++Calls > times
                ? await base.SendAsync(request, cancellationToken)
                : new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Headers = { RetryAfter = new(TimeSpan.FromMilliseconds(1)) } };
    }
}
