using System.Net;
using System.Net.Http.Headers;
using System.Text;
using EventFunctions.Benchmarks.Load;

namespace EventFunctions.Benchmarks.Scenarios;

/// <summary>
/// Intake with all that stands between an event and its use (a schema, rules, an entity of the event's own data, the
/// projection of entities beside it), against intake with none of it. Both hosts run the same requests in turn.
/// </summary>
internal sealed class PreparationScenario(int rounds, TimeSpan seconds, int connections)
{
    private const string Source = "/insurance/prepared";
    private const string AdministratorKey = "key-of-the-measured-administrator";

    private const string Bare = """{"source":"/insurance/prepared","types":{"policy.renewed":{}}}""";

    private const string Prepared = """
        {
          "source": "/insurance/prepared",
          "types": {
            "policy.renewed": {
              "entity": ["/agent"],
              "schema": {
                "$schema": "https://json-schema.org/draft/2020-12/schema",
                "type": "object",
                "required": ["effectiveDate", "premium", "reason"],
                "properties": {
                  "effectiveDate": { "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" },
                  "premium": {
                    "type": "object",
                    "required": ["amount", "currency"],
                    "properties": {
                      "amount": { "type": "number", "minimum": 0 },
                      "currency": { "enum": ["EUR", "USD", "CHF"] }
                    }
                  },
                  "reason": { "type": "string", "maxLength": 200 },
                  "agent": { "type": "string", "pattern": "^A-[0-9]+$" }
                }
              },
              "publish": [
                { "operatorType": "NumberGreaterThan", "key": "data.premium.amount", "value": 100 },
                { "operatorType": "StringIn", "key": "data.premium.currency", "values": ["EUR", "CHF"] }
              ]
            }
          }
        }
        """;

    public async Task<PreparationResult> RunAsync()
    {
        using var bareFolder = new DataFolder();
        using var preparedFolder = new DataFolder();
        await using var bare = await StartAsync(bareFolder, Bare);
        await using var prepared = await StartAsync(preparedFolder, Prepared);
        using var bareLoad = new LoadGenerator(bare.Address, connections);
        using var preparedLoad = new LoadGenerator(prepared.Address, connections);
        var events = new SampleEvents(Source);
        var next = 0L;
        var pairs = new List<Pair>();
        (await bareLoad.RunAsync(Next, HttpStatusCode.Accepted, TimeSpan.FromSeconds(5))).MustBeClean();
        (await preparedLoad.RunAsync(Next, HttpStatusCode.Accepted, TimeSpan.FromSeconds(5))).MustBeClean();
        for (var round = 0; round < rounds; round++)
        {
            // The speed of a machine may fall under load, so they take turns.
            pairs.Add(round % 2 == 0
                ? new(Bare: await MeasureAsync(bare, bareLoad), Prepared: await MeasureAsync(prepared, preparedLoad))
                : new(Prepared: await MeasureAsync(prepared, preparedLoad), Bare: await MeasureAsync(bare, bareLoad)));
        }

        return new(pairs);

        HttpRequestMessage Next(long n) => events.Single(Interlocked.Increment(ref next));

        async Task<Cost> MeasureAsync(ChildProcess host, LoadGenerator load)
        {
            // What the run before left to be worked off belongs to it.
            await IdlesAsync(host);
            var used = host.ProcessorTime;
            var run = (await load.RunAsync(Next, HttpStatusCode.Accepted, seconds)).MustBeClean();
            await IdlesAsync(host);
            return new(run.PerSecond, (host.ProcessorTime - used) / (run.PerSecond * seconds.TotalSeconds));
        }
    }

    private static async Task<ChildProcess> StartAsync(DataFolder folder, string producer)
    {
        var host = await ChildProcess.StartHostAsync(
            folder.Path,
            new Dictionary<string, string>(HostSettings.For(Subscriptions.None, subscriber: null, folder.Path))
            {
                ["Administration__Key"] = AdministratorKey,
                ["Sample__Enabled"] = "false",
            });
        using var client = new HttpClient { BaseAddress = host.Address };
        using var request = new HttpRequestMessage(HttpMethod.Put, "/api/producers/prepared")
        {
            Content = new StringContent(producer, Encoding.UTF8, new MediaTypeHeaderValue("application/json")),
        };
        request.Headers.Add("x-admin-key", AdministratorKey);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.Created
            ? host
            : throw new InvalidOperationException(await answer.Content.ReadAsStringAsync());
    }

    // A host whose timers alone run takes a few per cent of a core.
    private static async Task IdlesAsync(ChildProcess host)
    {
        var pause = TimeSpan.FromMilliseconds(500);
        TimeSpan used;
        do
        {
            used = host.ProcessorTime;
            await Task.Delay(pause);
        }
        while (host.ProcessorTime - used > pause / 10);
    }

    internal sealed record Cost(double PerSecond, TimeSpan CpuPerEvent);

    internal sealed record Pair(Cost Bare, Cost Prepared)
    {
        public double Ratio => Prepared.PerSecond / Bare.PerSecond;
    }
}

/// <summary>What the pairs came to; the processor time is the host's, with the projection worked off.</summary>
internal sealed record PreparationResult(IReadOnlyList<PreparationScenario.Pair> Pairs);
