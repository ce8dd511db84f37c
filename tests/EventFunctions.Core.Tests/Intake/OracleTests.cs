using System.Text;
using CloudNative.CloudEvents.SystemTextJson;
using CsCheck;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using CloudEvent = CloudNative.CloudEvents.CloudEvent;

namespace EventFunctions.Tests.Intake;

/// <summary>The CloudEvents SDK and Azure's own reader say what others accept.</summary>
public sealed class OracleTests
{
    private static readonly JsonEventFormatter Formatter = new();

    private static readonly Gen<string> Fragment = Gen.OneOf(
        "\"1.0\"", "\"\"", "\"a\"", "\"/a b\"", "\"urn:x\"", "\"2026-01-31T08:30:00Z\"", "\"text/plain\"", "\"application/json\"", "null", "1", "-1.5", "true",
        "\"\\u0000\"", "\"\\ud83d\\ude00\"", "\"AA==\"", "{\"a\":1}", "[]", "\"#x\"", "2147483648", "\"2016-12-31t23:59:60z\"");

    private static readonly Gen<string> Name = Gen.OneOf(
        "specversion", "id", "source", "type", "subject", "time", "datacontenttype", "dataschema", "dataref", "data", "data_base64", "ext", "Ext", "traceparent");

    private static readonly Gen<string> Event = Gen.Select(Name, Fragment)
        .Array[0, 5]
        .Select(members =>
        {
            var all = new Dictionary<string, string> { ["specversion"] = "\"1.0\"", ["id"] = "\"1\"", ["source"] = "\"/s\"", ["type"] = "\"t\"" };
            foreach (var (name, value) in members)
            {
                all[name] = value;
            }

            return "{" + string.Join(",", all.Select(member => $"\"{member.Key}\":{member.Value}")) + "}";
        });

    [Fact]
    public void What_is_accepted_here_the_SDK_and_Azure_read_as_the_same_event() =>
        Event.Sample(
            json =>
            {
                var reading = Reading.Structured(json);
                if (reading.Errors.Count == 0)
                {
                    // What breaks a rule, and is kept all the same, Azure's reader accepts as it is published.
                    var isRegular = Irregularities.Of(reading.Events[0]).Count == 0;
                    if (isRegular)
                    {
                        AssertReadableByOthers(Encoding.UTF8.GetBytes(json), reading.Events[0], checkAzure: false);
                    }

                    AssertReadableByOthers(EventEncoder.Encode(reading.Events[0], run: 0), reading.Events[0], checkAzure: true, checkSdk: isRegular);
                }
            },
            iter: 2_000);

    [Fact]
    public void An_encoded_event_reads_back_as_itself() =>
        Event.Sample(
            json =>
            {
                var reading = Reading.Structured(json);
                if (reading.Errors.Count == 0)
                {
                    var published = Irregularities.Published(reading.Events[0]);
                    var again = Reading.Event(EventReader.ReadJson(ContentMode.Structured, EventEncoder.Encode(reading.Events[0], run: 0).Span));
                    Assert.Equal(published with { Extensions = EventNotification.NoExtensions }, again with { Extensions = EventNotification.NoExtensions });
                    Assert.Equal(published.Extensions, again.Extensions);
                }
            },
            iter: 2_000);

    [Fact]
    public void Every_form_that_the_SDK_writes_is_accepted()
    {
        var written = new CloudEvent
        {
            Id = "ä 1",
            Source = new Uri("/s", UriKind.RelativeOrAbsolute),
            Type = "t",
            Time = new DateTimeOffset(2026, 1, 31, 8, 30, 0, 123, TimeSpan.FromHours(2)),
            DataContentType = "text/plain",
            Data = "text \u2028 <>",
            ["ext"] = "value",
        };

        var structured = Reading.Event(EventReader.ReadJson(ContentMode.Structured, Formatter.EncodeStructuredModeMessage(written, out _).Span));
        var batch = EventReader.ReadJson(ContentMode.Batch, Formatter.EncodeBatchModeMessage([written], out _).Span);

        Assert.Equal("ä 1", structured.Id);
        Assert.Equal("text \u2028 <>", Reading.Text(structured.Data));
        Assert.Equal(Fingerprint.Of(structured), Fingerprint.Of(Reading.Event(batch)));
    }

    private static void AssertReadableByOthers(ReadOnlyMemory<byte> json, EventNotification read, bool checkAzure, bool checkSdk = true)
    {
        if (checkSdk)
        {
            var sdk = Formatter.DecodeStructuredModeMessage(json, contentType: null, extensionAttributes: null);
            Assert.Equal((read.Id, read.Source, read.Type, read.Subject), (sdk.Id, sdk.Source!.OriginalString, sdk.Type, sdk.Subject));
        }

        if (checkAzure)
        {
            var azure = global::Azure.Messaging.CloudEvent.Parse(BinaryData.FromBytes(json))!;
            Assert.Equal((read.Id, read.Source, read.Type, read.Subject), (azure.Id, azure.Source, azure.Type, azure.Subject));
        }
    }
}
