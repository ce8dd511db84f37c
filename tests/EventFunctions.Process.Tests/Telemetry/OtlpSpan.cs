using Google.Protobuf;

namespace EventFunctions.Tests.Telemetry;

/// <summary>A span as an OTLP exporter sends it, with what the tests ask about.</summary>
internal sealed record OtlpSpan
{
    public string TraceId { get; private set; } = "";

    public string SpanId { get; private set; } = "";

    /// <summary>Empty for a root.</summary>
    public string ParentId { get; private set; } = "";

    public string Name { get; private set; } = "";

    public ulong Start { get; private set; }

    public ulong End { get; private set; }

    public string Scope { get; private init; } = "";

    public string Service { get; private init; } = "";

    public Dictionary<string, string> Attributes { get; } = [];

    public List<(string TraceId, string SpanId)> Links { get; } = [];

    public string? this[string attribute] => Attributes.GetValueOrDefault(attribute);

    /// <summary>The span in a line, for a test that fails.</summary>
    public override string ToString() => $"{TraceId} {ParentId} > {SpanId} {Name}";

    /// <summary>Reads an <c>ExportTraceServiceRequest</c> (opentelemetry-proto, <c>trace.proto</c>).</summary>
    public static IEnumerable<OtlpSpan> Read(byte[] request)
    {
        foreach (var resourceSpans in Messages(request, 1))
        {
            var resource = Messages(resourceSpans, 1).SelectMany(resource => Messages(resource, 1)).Select(KeyValue).ToDictionary();
            foreach (var scopeSpans in Messages(resourceSpans, 2))
            {
                var scope = Messages(scopeSpans, 1).SelectMany(scope => Messages(scope, 1)).Select(Text).FirstOrDefault("");
                foreach (var span in Messages(scopeSpans, 2))
                {
                    yield return ReadSpan(span, scope, resource["service.name"]);
                }
            }
        }
    }

    private static OtlpSpan ReadSpan(byte[] message, string scope, string service)
    {
        var span = new OtlpSpan { Scope = scope, Service = service };
        foreach (var (field, value, number) in Fields(message))
        {
            switch (field)
            {
                case 1: span.TraceId = Convert.ToHexStringLower(value); break;
                case 2: span.SpanId = Convert.ToHexStringLower(value); break;
                case 4: span.ParentId = Convert.ToHexStringLower(value); break;
                case 5: span.Name = Text(value); break;
                case 7: span.Start = number; break;
                case 8: span.End = number; break;
                case 9: span.Attributes.Add(KeyValue(value).Key, KeyValue(value).Value); break;
                case 13: span.Links.Add((Convert.ToHexStringLower(Messages(value, 1).Single()), Convert.ToHexStringLower(Messages(value, 2).Single()))); break;
                default: break;
            }
        }

        return span;
    }

    private static string Text(byte[] value) => System.Text.Encoding.UTF8.GetString(value);

    // Texts and whole numbers are all that the service's attributes are; others count as empty.
    private static KeyValuePair<string, string> KeyValue(byte[] message)
    {
        var value = Messages(message, 2).SelectMany(Fields).FirstOrDefault();
        var text = value.Field switch
        {
            1 => Text(value.Bytes),
            2 or 3 => value.Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => "",
        };
        return new(Text(Messages(message, 1).Single()), text);
    }

    private static IEnumerable<byte[]> Messages(byte[] message, int field) => Fields(message).Where(f => f.Field == field).Select(f => f.Bytes);

    private static List<(int Field, byte[] Bytes, ulong Number)> Fields(byte[] message)
    {
        var fields = new List<(int, byte[], ulong)>();
        var input = new CodedInputStream(message);
        while (input.ReadTag() is var tag && tag != 0)
        {
            var field = WireFormat.GetTagFieldNumber(tag);
            switch (WireFormat.GetTagWireType(tag))
            {
                case WireFormat.WireType.LengthDelimited: fields.Add((field, input.ReadBytes().ToByteArray(), 0)); break;
                case WireFormat.WireType.Fixed64: fields.Add((field, [], input.ReadFixed64())); break;
                case WireFormat.WireType.Varint: fields.Add((field, [], input.ReadUInt64())); break;
                default: input.SkipLastField(); break;
            }
        }

        return fields;
    }
}
