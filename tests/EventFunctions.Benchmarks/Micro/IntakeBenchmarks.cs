using System.Text;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Preparation;
using EventFunctions.Producers;
using EventFunctions.Publication;
using EventFunctions.Schemas;

namespace EventFunctions.Benchmarks.Micro;

/// <summary>What intake does with one event before it meets the store: read, fingerprint, encode.</summary>
[MemoryDiagnoser]
[InProcess]
public class IntakeBenchmarks
{
    private readonly byte[] _body = Encoding.UTF8.GetBytes(
        """
        {"specversion":"1.0","id":"b1946ac9","source":"/insurance/policies","type":"policy.renewed","subject":"policy-4711",
         "time":"2026-11-23T09:30:00Z","datacontenttype":"application/json",
         "data":{"effectiveDate":"2026-12-01","premium":{"amount":512.40,"currency":"EUR"},"reason":"annual renewal","agent":"A-17"}}
        """);

    private EventNotification _notification = null!;

    /// <summary>Reads the event that the other benchmarks use.</summary>
    [GlobalSetup]
    public void Read() => _notification = EventReader.ReadJson(ContentMode.Structured, _body).Events.Single();

    private readonly EventPreparation _preparation = new(new JsonSchemas());
    private readonly Producer _plain = new() { Name = "policies", Source = "/insurance/policies" };
    private readonly Producer _ruled = new()
    {
        Name = "policies",
        Source = "/insurance/policies",
        Types = new Producer { Name = "", Source = "" }.Types.Add("policy.renewed", new ProducerType
        {
            Entity = ["/agent", "/effectiveDate"],
            Schema = """
                {"type":"object","required":["effectiveDate","premium"],"additionalProperties":false,"properties":{
                 "effectiveDate":{"type":"string","format":"date"},"reason":{"type":"string","maxLength":200},
                 "agent":{"type":"string","pattern":"^A-[0-9]{1,6}$"},
                 "premium":{"type":"object","properties":{"amount":{"type":"number","minimum":0,"multipleOf":0.01},"currency":{"enum":["EUR","USD"]}}}}}
                """,
            Publish = Filters("""[{"operatorType":"StringNotIn","key":"data.reason","values":["test"]}]"""),
            Enrich = Filters("""[{"operatorType":"NumberGreaterThan","key":"data.premium.amount","value":100}]"""),
        }),
    };

    private static AdvancedFilters Filters(string json)
    {
        using var filters = JsonDocument.Parse(json);
        return AdvancedFilters.Parse(filters.RootElement, onArrays: true, "", []);
    }

    /// <summary>A producer without rules.</summary>
    [Benchmark]
    public object PrepareWithoutRules() => _preparation.Prepare(_plain, _notification);

    /// <summary>A schema, an entity of two pointers, and a rule of each kind.</summary>
    [Benchmark]
    public object PrepareWithRules() => _preparation.Prepare(_ruled, _notification);

    /// <summary>Parse and validate.</summary>
    [Benchmark]
    public object Reader() => EventReader.ReadJson(ContentMode.Structured, _body);

    /// <summary>SHA-256 over the canonical JSON.</summary>
    [Benchmark]
    public string FingerprintOf() => Fingerprint.Of(_notification);

    /// <summary>The structured CloudEvent that is published.</summary>
    [Benchmark]
    public ReadOnlyMemory<byte> Encode() => EventEncoder.Encode(_notification, run: 0);
}
