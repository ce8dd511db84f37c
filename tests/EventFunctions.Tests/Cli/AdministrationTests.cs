using EventFunctions.Cli;
using EventFunctions.Tests.EndToEnd;

namespace EventFunctions.Tests.Cli;

public sealed class AdministrationTests
{
    private static readonly string[] Group = ["--producer", "stub", "--type", "thing.changed", "--reason", "dataNotFound"];

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Failures_are_shown_replayed_one_by_one_and_as_a_group_dismissed_and_restored()
    {
        await using var service = await WithFailuresAsync();

        var groups = await ToolRun.AsAdministratorAsync(service, "failures", "--json");
        var table = await ToolRun.AsAdministratorAsync(service, "failures");
        var one = await ToolRun.AsAdministratorAsync(service, "replay", "gone-1", "--source", Service.Source, "--json");
        var group = await ToolRun.AsAdministratorAsync(service, ["failures", "replay", "--json", "--rate", "1000", .. Group]);
        var dismissed = await ToolRun.AsAdministratorAsync(service, ["failures", "dismiss", .. Group]);

        Assert.Equal("dataNotFound", groups.Json.Single().GetProperty("reason").GetString());
        Assert.Matches(@"^3 +0 +stub +thing\.changed +dataNotFound ", table.Lines[1]);
        Assert.Equal((ExitCode.Ok, 1), (one.ExitCode, one.Json.Single().GetProperty("run").GetInt32()));
        Assert.Equal((ExitCode.Ok, "completed"), (group.ExitCode, group.Json.Single().GetProperty("state").GetString()));
        Assert.Matches(@"^dismiss job [0-9a-f]+: completed, ", dismissed.Output);
        var restored = await ToolRun.AsAdministratorAsync(service, ["failures", "restore", .. Group]);
        Assert.Equal(ExitCode.Ok, restored.ExitCode);
    }

    [Fact]
    public async Task A_job_over_filters_is_counted_begun_followed_listed_and_cancelled()
    {
        await using var service = await WithFailuresAsync();
        string[] filters = ["--producer", "stub", "--status", "failed", "--from", "2026-01-01T00:00:00Z"];

        var counted = await ToolRun.AsAdministratorAsync(service, ["replay", "--dry-run", .. filters]);
        var json = await ToolRun.AsAdministratorAsync(service, ["replay", "--dry-run", "--json", .. filters]);
        var detached = await ToolRun.AsAdministratorAsync(service, ["replay", "--detach", "--json", .. filters]);
        var id = detached.Json.Single().GetProperty("id").GetString()!;
        var followed = await ToolRun.AsAdministratorAsync(service, "jobs", "get", id, "--follow", "--json");
        var listed = await ToolRun.AsAdministratorAsync(service, "jobs", "--json");
        var cancelled = await ToolRun.AsAdministratorAsync(service, "jobs", "cancel", id);
        var changes = await ToolRun.AsAdministratorAsync(service, "changes", "--json");
        var table = await ToolRun.AsAdministratorAsync(service, "changes", "--limit", "1");
        var missing = await ToolRun.AsAdministratorAsync(service, "jobs", "get", "none");
        var wrong = await ToolRun.AsAdministratorAsync(service, ["replay", "--rate", "0", .. filters]);

        Assert.Equal("3 events", counted.Output.Trim());
        Assert.Equal("""{"dryRun":true,"count":3,"atLeast":false}""", json.Output.Trim());
        Assert.Equal(("completed", 3), (followed.Json.Single().GetProperty("state").GetString(), followed.Json.Single().GetProperty("started").GetInt32()));
        Assert.Equal(id, listed.Json.Single().GetProperty("id").GetString());
        Assert.Equal($"replay job {id}: completed, 3 matched, 3 started, 0 skipped, 0 failed", cancelled.Output.Trim());
        Assert.Equal(["CancelReplay", "StartReplay"], changes.Json.Select(change => change.GetProperty("action").GetString()));
        Assert.Matches($"^[0-9TZ:.-]+ +key:[0-9a-f]{{8}} +CancelReplay +job +{id} .*made$", table.Lines[1].TrimEnd());
        Assert.Equal(ExitCode.NotFound, missing.ExitCode);
        Assert.Equal(ExitCode.Failed, wrong.ExitCode);
        Assert.Contains("  #/rate: ", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_stops_waiting_for_a_job_does_not_stop_the_job()
    {
        await using var service = await WithFailuresAsync();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var following = new TaskCompletionSource();
        var context = ToolRun.At(service.Host.Address) with { Network = network => new Watched(network, following) };

        var waiting = ToolRun.RunAsync(context, null, ["replay", "--all-failures", "--rate", "1"], stop.Token);
        await following.Task.WaitAsync(Cancellation);
        await stop.CancelAsync();
        var stopped = await waiting;

        Assert.Equal((ExitCode.Interrupted, ""), (stopped.ExitCode, stopped.Output));
        var id = stopped.Error.Trim().Split(' ')[^1];
        Assert.Equal($"The job continues. To cancel it: eventfunctions jobs cancel {id}", stopped.Error.Trim());
        var job = await ToolRun.AsAdministratorAsync(service, "jobs", "get", id, "--follow", "--json");
        Assert.Equal(3, job.Json.Single().GetProperty("started").GetInt32());
    }

    [Fact]
    public async Task An_event_that_still_goes_on_is_a_conflict_and_who_is_no_administrator_may_not()
    {
        await using var service = await ToolRun.ServiceAsync();
        var gate = new TaskCompletionSource();
        service.Producer.Gate = gate.Task;
        using var posted = await service.PostAsync(Service.Event("one"));

        var conflict = await ToolRun.AsAdministratorAsync(service, "replay", "one", "--source", Service.Source);
        var stranger = await ToolRun.RunAsync(ToolRun.At(service.Host.Address, key: null), null, ["failures"], Cancellation);
        gate.SetResult();

        Assert.Equal(ExitCode.Conflict, conflict.ExitCode);
        Assert.Equal(ExitCode.Unauthorized, stranger.ExitCode);
        Assert.Contains("EVENTFUNCTIONS_ADMIN_KEY", stranger.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_producer_is_made_read_changed_tried_and_deleted()
    {
        await using var service = await ToolRun.ServiceAsync();
        using var folder = new TemporaryFolder();
        var file = folder.File("producer.json");
        await File.WriteAllTextAsync(file, """{ "source": "/new" }""", Cancellation);

        var made = await ToolRun.AsAdministratorAsync(service, "producers", "put", "new", file, "--create", "--json");
        var blind = await ToolRun.AsAdministratorAsync(service, "producers", "put", "new", await ChangedAsync("/newer"));
        var late = await ToolRun.AsAdministratorAsync(service, "producers", "put", "new", file, "--if-match", "\"9\"");
        var changed = await ToolRun.AsAdministratorAsync(service, "producers", "put", "new", file, "--if-match", "1");
        var forced = await PutAsync("""{"source":"/newest"}""", "--force");
        var invalid = await PutAsync("""{"source":"","sorce":1}""", "--force");
        var read = await ToolRun.AsAdministratorAsync(service, "producers", "get", "new");
        var fixedOne = await ToolRun.AsAdministratorAsync(service, "producers", "get", "stub", "--json");
        var listed = await ToolRun.AsAdministratorAsync(service, "producers", "list");
        var state = await ToolRun.AsAdministratorAsync(service, "producers", "state", "new", "--json");
        var accepted = await TryAsync("""{"id":"1","source":"/newest","type":"t","data":{}}""");
        var refused = await TryAsync("""[{"specversion":"1.0","id":"1","source":"/newest","type":"t","data":{}},{"specversion":"1.0","id":"2","source":"/other","type":"t"}]""");
        var deleted = await ToolRun.AsAdministratorAsync(service, "producers", "delete", "new", "--force");
        var gone = await ToolRun.AsAdministratorAsync(service, "producers", "get", "new");
        var stateless = await ToolRun.AsAdministratorAsync(service, "producers", "state", "new");
        var history = await ToolRun.AsAdministratorAsync(service, "producers", "history", "new", "--json");

        Assert.Equal((ExitCode.Ok, """{"name":"new","source":"/new"}"""), (made.ExitCode, made.Output.Trim()));
        Assert.Equal("ETag: \"1\"", made.Error.Trim());
        Assert.Equal((ExitCode.Conflict, ExitCode.Conflict, ExitCode.Ok), (blind.ExitCode, late.ExitCode, changed.ExitCode));
        Assert.StartsWith("428 ", blind.Error, StringComparison.Ordinal);
        Assert.Equal((ExitCode.Ok, ExitCode.Failed), (forced.ExitCode, invalid.ExitCode));
        Assert.Contains("  #/sorce: ", invalid.Error, StringComparison.Ordinal);
        Assert.Equal(["{", "  \"name\": \"new\",", "  \"source\": \"/newest\"", "}"], read.Output.ReplaceLineEndings("\n").TrimEnd().Split('\n'));
        Assert.Contains("settings", fixedOne.Error, StringComparison.Ordinal);
        Assert.Equal(3, listed.Lines.Length);
        Assert.Equal((ExitCode.Ok, """{"expectations":[]}""", ""), (state.ExitCode, state.Output.Trim(), state.Error));
        Assert.Equal((ExitCode.Ok, ExitCode.Failed), (accepted.ExitCode, refused.ExitCode));
        Assert.Equal([true, false], refused.Json.Select(trial => trial.GetProperty("accepted").GetBoolean()));
        Assert.Equal((ExitCode.Ok, ExitCode.NotFound, ExitCode.NotFound), (deleted.ExitCode, gone.ExitCode, stateless.ExitCode));
        Assert.Equal(["deleted", "replaced", "replaced", "created"], history.Json.Select(change => change.GetProperty("change").GetString()));

        async Task<string> ChangedAsync(string source)
        {
            await File.WriteAllTextAsync(file, $$"""{ "source": "{{source}}" }""", Cancellation);
            return file;
        }

        Task<ToolRun> PutAsync(string definition, string option) => ToolRun.RunAsync(service, definition, "producers", "put", "new", "-", option);

        Task<ToolRun> TryAsync(string events) => ToolRun.RunAsync(service, events, "producers", "try", "new", "-", "--json");
    }

    [Theory]
    [InlineData("replay")]
    [InlineData("replay", "id")]
    [InlineData("replay", "id", "--source", "s", "--reason", "r")]
    [InlineData("replay", "--rate", "5")]
    [InlineData("failures", "replay", "--producer", "p")]
    [InlineData("producers")]
    [InlineData("producers", "put", "name", "file", "--force", "--create")]
    [InlineData("list", "--limit", "many")]
    [InlineData("list", "@file")]
    [InlineData("get", "id")]
    [InlineData("listen", "--port", "65536")]
    [InlineData("completion", "cmd")]
    [InlineData("no-such-command")]
    public async Task What_makes_no_sense_is_a_usage_error_and_asks_nobody(params string[] args)
    {
        var network = new Answers(_ => throw new InvalidOperationException());

        var run = await ToolRun.RunAsync(ToolRun.At(new Uri("http://127.0.0.1:1")) with { Network = _ => network }, null, args, Cancellation);

        Assert.Equal((ExitCode.Usage, ""), (run.ExitCode, run.Output));
        Assert.Contains("See: eventfunctions", run.Error, StringComparison.Ordinal);
        Assert.Empty(network.Sent);
    }

    private static async Task<Service> WithFailuresAsync()
    {
        var service = await ToolRun.ServiceAsync();
        for (var i = 1; i <= 3; i++)
        {
            using var posted = await service.PostAsync(Service.Event($"gone-{i}"));
            await service.ReachesAsync($"gone-{i}", "failed");
        }

        return service;
    }

    private sealed class Watched(HttpMessageHandler network, TaskCompletionSource following) : DelegatingHandler(network)
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            if (request.Method == HttpMethod.Get)
            {
                following.TrySetResult();
            }

            return base.SendAsync(request, cancellationToken);
        }
    }
}
