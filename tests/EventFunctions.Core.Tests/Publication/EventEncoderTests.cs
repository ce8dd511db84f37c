using System.Text;
using System.Text.Json;
using Azure.Messaging;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Tests.Stores;

namespace EventFunctions.Tests.Publication;

public sealed class EventEncoderTests
{
    private static readonly EventNotification Whole = new()
    {
        Id = "a\"b/ü",
        Source = "/insurance/policies",
        Type = "policy.renewed",
        Subject = "policy-42",
        Time = "2026-05-04T12:00:00.1234567+02:00",
        DataContentType = "application/json",
        DataSchema = "https://schemas.example.com/policy",
        DataRef = "policies/42",
        TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        TraceState = "a=b",
        Extensions = EventNotification.NoExtensions
            .Add("comexampletext", new ExtensionValue(ExtensionType.Text, "42"))
            .Add("comexamplenumber", new ExtensionValue(ExtensionType.Integer, "-42"))
            .Add("comexampleflag", new ExtensionValue(ExtensionType.Boolean, "true")),
        Data = EventContent.FromJson("{ \"n\": 123456789012345678901234567890.10 }"),
    };

    [Fact]
    public void An_event_is_written_as_Event_Grids_clients_read_it()
    {
        var read = CloudEvent.Parse(BinaryData.FromBytes(EventEncoder.Encode(Whole, run: 0)))!;

        Assert.Equal((Whole.Id, Whole.Source, Whole.Type, Whole.Subject), (read.Id, read.Source, read.Type, read.Subject));
        Assert.Equal(DateTimeOffset.Parse(Whole.Time!, null), read.Time);
        Assert.Equal((Whole.DataContentType, Whole.DataSchema), (read.DataContentType, read.DataSchema));
        Assert.Equal("policies/42", read.ExtensionAttributes["dataref"]);
        Assert.Equal("42", read.ExtensionAttributes["comexampletext"]);
        Assert.Equal(-42, read.ExtensionAttributes["comexamplenumber"]);
        Assert.Equal(true, read.ExtensionAttributes["comexampleflag"]);
        Assert.Equal(Whole.TraceParent, read.ExtensionAttributes["traceparent"]);
        Assert.DoesNotContain("replay", read.ExtensionAttributes.Keys);
    }

    [Fact]
    public void Data_keeps_its_digits_and_its_white_space() =>
        Assert.Contains(
            "\"data\":{ \"n\": 123456789012345678901234567890.10 }",
            Encoding.UTF8.GetString(EventEncoder.Encode(Whole, run: 0).Span),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"id":"1","source":"/s","type":"t"}""", "1")]
    [InlineData("""{"id":"1:enriched:2","source":"/s","type":"t.enriched"}""", "1")]
    [InlineData("""{"id":"1","topic":"/s","eventType":"t"}""", "1")]
    [InlineData("""{"id":"\ud800","source":"/s","type":"t"}""", null)]
    [InlineData("""{"id":"1","source":"/s","type":"\udc00"}""", null)]
    [InlineData("""{"id":"1","source":"/s"}""", null)]
    public void A_published_event_is_traced_to_its_record_unless_the_service_cannot_have_published_it(string published, string? id)
    {
        using var json = JsonDocument.Parse(published);

        Assert.Equal(id, EventEncoder.KeyOf(json.RootElement)?.Id);
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void An_event_fits_if_a_request_can_carry_it_alone(int over, bool fits) =>
        Assert.Equal(fits, EventEncoder.Fits(new byte[IEventPublisher.MaxBytes - "[]".Length + over]));

    [Fact]
    public void A_replayed_event_carries_its_run() =>
        Assert.Equal(2, CloudEvent.Parse(BinaryData.FromBytes(EventEncoder.Encode(Whole, run: 2)))!.ExtensionAttributes["replay"]);

    [Fact]
    public void Bytes_travel_as_base64_and_text_as_a_string()
    {
        var bytes = Whole with { Data = new EventContent(ContentKind.Binary, new byte[] { 0, 255 }) };
        var text = Whole with { Data = new EventContent(ContentKind.Text, Encoding.UTF8.GetBytes("a\"\n\u2028")) };

        Assert.Equal([0, 255], CloudEvent.Parse(BinaryData.FromBytes(EventEncoder.Encode(bytes, run: 0)))!.Data!.ToArray());
        Assert.Equal("a\"\n\u2028", CloudEvent.Parse(BinaryData.FromBytes(EventEncoder.Encode(text, run: 0)))!.Data!.ToObjectFromJson<string>());
    }

    [Fact]
    public void An_enriched_event_says_whose_it_is_what_caused_it_and_to_which_trace_it_belongs()
    {
        var data = StoreSamples.FullData(new EventKey("/insurance/policies", "1"), run: 2) with { Subject = "policy-42", TraceParent = Whole.TraceParent, TraceState = "a=b" };

        var read = CloudEvent.Parse(BinaryData.FromBytes(EventEncoder.EncodeEnriched(data, new Uri("https://events.example.com/data"))))!;

        Assert.Equal(("1:enriched:2", "/insurance/policies", data.Type + ".enriched", "policy-42"), (read.Id, read.Source, read.Type, read.Subject));
        Assert.Equal(data.FetchedAt, read.Time);
        Assert.Equal((Whole.TraceParent, "a=b"), (read.ExtensionAttributes["traceparent"], read.ExtensionAttributes["tracestate"]));
        Assert.Equal(("1", 2), (read.ExtensionAttributes["causationid"], read.ExtensionAttributes["replay"]));
    }
}
