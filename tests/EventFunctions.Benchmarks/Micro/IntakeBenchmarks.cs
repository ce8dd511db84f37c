using System.Text;
using BenchmarkDotNet.Attributes;
using EventFunctions.Events;
using EventFunctions.Intake;
using EventFunctions.Publication;

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
