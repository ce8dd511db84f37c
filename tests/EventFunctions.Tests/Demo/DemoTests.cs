using System.Buffers;
using System.Collections.Concurrent;
using System.Text.Json;
using EventFunctions.Local.CommandLine;
using EventFunctions.Local.Demo;
using EventFunctions.Local.Hosting;
using EventFunctions.Local.SampleProducer;
using EventFunctions.Tests.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Tests.Demo;

public sealed class DemoTests : IDisposable
{
    private readonly Service _service = new();
    private readonly StringWriter _output = new();
    private readonly StringWriter _error = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    [Fact]
    public void A_plan_is_the_same_for_the_same_seed_and_holds_every_mishap()
    {
        var plan = DemoPlan.Create(1_000, seed: 7);

        Assert.Equal(plan.Events, DemoPlan.Create(1_000, seed: 7).Events);
        Assert.NotEqual(plan.Events, DemoPlan.Create(1_000, seed: 8).Events);
        Assert.Equal(1_000, plan.Events.Select(e => e.Id).Distinct().Count());
        Assert.Equal(1_000, plan.Events.Select(e => e.Subject).Distinct().Count());
        Assert.Equal(
            [(Mishap.None, 920), (Mishap.Slow, 30), (Mishap.Flaky, 20), (Mishap.Missing, 20), (Mishap.TooLarge, 10)],
            plan.Events.CountBy(e => e.Mishap).OrderBy(c => c.Key).Select(c => (c.Key, c.Value)));
        Assert.Equal(50, plan.Events.Count(e => e.Repeats > 0));
        Assert.Equal(20, plan.Events.Count(e => e.Conflicts));
    }

    [Fact]
    public async Task A_service_that_does_everything_right_shows_no_difference()
    {
        var differences = await RunAsync();

        Assert.Empty(differences);
    }

    [Fact]
    public async Task What_is_lost_repeated_or_ends_otherwise_is_named()
    {
        _service.Loses = "demo-1-0000010";
        _service.Doubles = "demo-1-0000011";
        _service.Fails = "demo-1-0000012";
        _service.Garbles = "demo-1-0000013";
        _service.AcceptsConflicts = true;

        var differences = await RunAsync();

        Assert.Contains("demo-1-0000010: sent, but not recorded", differences);
        Assert.Contains("demo-1-0000011: listed twice", differences);
        Assert.Contains("demo-1-0000012: expected completed , is failed somehow", differences);
        Assert.Contains("demo-1-0000013: its full data is not what the producer serves", differences);
        Assert.Contains(differences, d => d.StartsWith("demo-1-0000002: expected 409, got 202", StringComparison.Ordinal));
    }

    [Fact]
    public void Plain_text_is_aligned_and_free_of_escapes()
    {
        new Terminal(_output, _error, interactive: false).Table(["a", "bb"], [["ccc", "d"], ["e", ""]]);

        Assert.Equal(["  a    bb", "  ccc  d", "  e", ""], _output.ToString().ReplaceLineEndings("\n").Split('\n'));
    }

    private async Task<List<string>> RunAsync()
    {
        var settings = TestServer.Settings();
        await using var server = await TestServer.StartAsync(
            services => services
                .AddSampleProducer(time => new FetchLog(time, null))
                .AddSingleton(_service)
                .AddFunctions(FunctionCatalog.Find([typeof(Functions)], settings), new FunctionKeys(settings, reachable: false)),
            application =>
            {
                application.MapSampleProducer();
                application.MapFunctions();
            });
        using var api = new EventsApi(server.Client.BaseAddress!, key: null);
        _service.Log = server.Services.GetRequiredService<FetchLog>();
        var plan = DemoPlan.Create(200, seed: 1);
        _service.Plan = plan.Events.ToDictionary(e => e.Id);
        var run = new DemoRun(api, plan);
        await run.RunAsync((_, _) => { }, Cancellation);
        var check = new DemoCheck(api, plan);
        await check.RunAsync(Cancellation);
        return [.. run.Surprises, .. check.Differences];
    }

    /// <summary>What a service that does everything right would keep, and how to do wrong.</summary>
    internal sealed class Service
    {
        public ConcurrentDictionary<string, DemoEvent> Events { get; } = new();

        public Dictionary<string, PlannedEvent> Plan { get; set; } = [];

        public FetchLog? Log { get; set; }

        public string? Loses { get; set; }

        public string? Doubles { get; set; }

        public string? Fails { get; set; }

        public string? Garbles { get; set; }

        public bool AcceptsConflicts { get; set; }
    }

    internal sealed class Functions(Service service)
    {
        [Function("Post")]
        public async Task<IResult> Post([HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "events")] HttpRequest request)
        {
            var received = (await request.ReadFromJsonAsync<DemoEvent>(JsonSerializerOptions.Web))!;
            var known = service.Events.GetOrAdd(received.Id, received);
            service.Log!.Record(received.Subject, received.Id);
            return service.AcceptsConflicts || known.Data!.ToString() == received.Data!.ToString()
                ? TypedResults.Json(new { duplicate = !ReferenceEquals(known, received) }, statusCode: 202)
                : TypedResults.Conflict();
        }

        [Function("List")]
        public IResult List([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "events")] HttpRequest request)
        {
            if (request.Query.ContainsKey("status"))
            {
                return TypedResults.Ok(new EventPageView([], null));
            }

            var all = service.Events.Keys.Order(StringComparer.Ordinal).Where(id => id != service.Loses)
                .SelectMany(id => id == service.Doubles ? [id, id] : new[] { id }).Select(View);
            var offset = int.TryParse(request.Query["continuation"], out var given) ? given : 0;
            var page = all.Skip(offset).Take(50).ToArray();
            return TypedResults.Ok(new EventPageView(page, page.Length == 50 ? $"{offset + 50}" : null));
        }

        [Function("Data")]
        public IResult Data([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "events/{id}/data")] HttpRequest _, string id)
        {
            var data = new ArrayBufferWriter<byte>();
            PolicyDocument.Write(service.Plan[id].Number + (id == service.Garbles ? 1 : 0), data);
            return TypedResults.Bytes(data.WrittenMemory, "application/json");
        }

        private EventView View(string id)
        {
            var planned = service.Plan[id];
            return new EventView
            {
                Id = id,
                Type = planned.Type,
                Subject = planned.Subject,
                Status = id == service.Fails ? "failed" : planned.ExpectedStatus,
                Reason = id == service.Fails ? "somehow" : planned.ExpectedReason,
            };
        }
    }
}
