using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Records.Documents;

namespace EventFunctions.Tests.Stores;

public sealed class DocumentTests
{
    private const int MaxItemBytes = 2_000_000;

    [Fact]
    public void A_record_is_written_with_the_names_that_queries_use()
    {
        using var document = JsonDocument.Parse(DocumentJson.Write(StoreSamples.RecordWithEverything()));
        var root = document.RootElement;

        Assert.Equal("event-" + new EventKey("/insurance/policies", "id-1").SourceHash, root.GetProperty("id").GetString());
        Assert.Equal("event", root.GetProperty("kind").GetString());
        Assert.Equal("id-1", root.GetProperty("eventId").GetString());
        Assert.Equal("recorded", root.GetProperty("status").GetString());
        Assert.Equal(3, root.GetProperty("run").GetInt32());
        Assert.Equal("2026-03-01T12:00:00.000Z", root.GetProperty("recordedAt").GetString());
        Assert.Equal("2026-03-01T12:10:00.000Z", root.GetProperty("relayAt").GetString());
        Assert.Equal(604_800, root.GetProperty("ttl").GetInt32());
        Assert.Equal("""{ "n" : 1.0 }""", root.GetProperty("data").GetString());
        Assert.Equal("plain", root.GetProperty("dataEncoding").GetString());
        Assert.Equal("-2147483648", root.GetProperty("extensions").GetProperty("number").GetRawText());
        Assert.Equal("\"42\"", root.GetProperty("extensions").GetProperty("lookslikeanumber").GetRawText());
        Assert.Equal(JsonValueKind.True, root.GetProperty("extensions").GetProperty("flag").ValueKind);
        Assert.Equal("attemptFailed", root.GetProperty("timeline")[1].GetProperty("what").GetString());
        Assert.Equal(5, root.GetProperty("timeline")[1].GetProperty("count").GetInt32());
    }

    [Fact]
    public void A_record_comes_back_from_its_document_as_it_was()
    {
        var record = StoreSamples.RecordWithEverything();

        StoreSamples.AssertSame(record, DocumentJson.ReadRecord(DocumentJson.Write(record)));
    }

    [Fact]
    public void A_record_is_written_as_its_contract_would_write_it()
    {
        var whole = EventDocument.From(StoreSamples.RecordWithEverything()) with
        {
            EntityId = "e",
            EntitySubject = "s\u00e4\"\\",
            Pending = new(3, EventParts.Entity),
        };
        EventDocument[] documents =
        [
            whole,
            EventDocument.From(StoreSamples.Record(subject: null)),
            .. from status in EventStatusName.All select whole with { Status = EventStatusName.Parse(status)!.Value },
            .. from parts in Enumerable.Range(1, 7) select whole with { Pending = new(0, (EventParts)parts) },
            .. from kind in Enum.GetValues<ContentKind>() from encoding in Enum.GetValues<StoredEncoding>() select whole with { DataKind = kind, DataEncoding = encoding },
        ];

        Assert.All(documents, document => Assert.Equal(JsonSerializer.Serialize(document, DocumentJson.Options), Encoding.UTF8.GetString(EventDocumentWriter.Write(document))));
        Assert.Equal(
            typeof(EventDocument).GetProperties().Select(property => JsonNamingPolicy.CamelCase.ConvertName(property.Name)),
            JsonElement.Parse(EventDocumentWriter.Write(whole)).EnumerateObject().Select(member => member.Name));
    }

    [Fact]
    public void What_is_null_is_left_out()
    {
        var text = Encoding.UTF8.GetString(DocumentJson.Write(StoreSamples.Record(subject: null, status: EventStatus.Completed)));

        Assert.DoesNotContain("null", text, StringComparison.Ordinal);
        Assert.DoesNotContain("relayAt", text, StringComparison.Ordinal);
        Assert.DoesNotContain("ttl", text, StringComparison.Ordinal);
        Assert.DoesNotContain("extensions", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("2026-03-01T12:00:00.0009999Z", "2026-03-01T12:00:00.000Z")]
    [InlineData("2026-03-01T14:00:00.5+02:00", "2026-03-01T12:00:00.500Z")]
    [InlineData("0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z")]
    public void Times_are_written_in_utc_with_three_decimals(string time, string written)
    {
        var document = DocumentJson.Write(StoreSamples.Record(at: StoreSamples.Start) with
        {
            RecordedAt = DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture),
        });

        Assert.Contains($"\"recordedAt\":\"{written}\"", Encoding.UTF8.GetString(document), StringComparison.Ordinal);
    }

    [Fact]
    public void Payloads_are_never_nested_json()
    {
        using var document = JsonDocument.Parse(DocumentJson.Write(
            StoreSamples.FullData(new EventKey("/s", "1"), EventContent.FromJson("""{"n":123456789012345678901234567890}"""))));

        Assert.Equal(JsonValueKind.String, document.RootElement.GetProperty("data").ValueKind);
    }

    [Theory]
    [InlineData(StoredContent.MaxPlainBytes, StoredEncoding.Plain)]
    [InlineData(StoredContent.MaxPlainBytes + 1, StoredEncoding.Gzip)]
    public void What_is_larger_than_256_KB_is_gzipped(int bytes, StoredEncoding encoding)
    {
        var content = new EventContent(ContentKind.Text, Enumerable.Repeat((byte)'x', bytes).ToArray());

        var stored = StoredContent.From(content);

        Assert.Equal(encoding, stored.Encoding);
        Assert.Equal(content, stored.ToContent());
    }

    [Theory]
    [InlineData(1.5, 2)]
    [InlineData(0.001, 1)]
    [InlineData(1e12, int.MaxValue)]
    public void A_time_to_live_is_whole_seconds_and_never_none(double seconds, int ttl) =>
        Assert.Equal(ttl, TimeToLive.ToSeconds(TimeSpan.FromMilliseconds(Math.Min(seconds * 1_000, 9e14))));

    public static MatrixTheoryData<EventStoreConformance.Payload, int, int> LargestEvents =>
        new(Enum.GetValues<EventStoreConformance.Payload>(), [0, 600_000], [1, 3]);

    // Attributes may take what the payload leaves; both count for the limit of what is published.
    [Theory]
    [MemberData(nameof(LargestEvents))]
    public void The_largest_event_that_can_be_published_fits_in_an_item(EventStoreConformance.Payload payload, int attributeBytes, int share)
    {
        var bytes = 999_000 - attributeBytes;
        EventRecord record;
        do
        {
            var extension = new ExtensionValue(ExtensionType.Text, new string('"', attributeBytes / 2));
            record = StoreSamples.Record(data: EventStoreConformance.ContentOf(payload, bytes / share));
            record = record with
            {
                Event = record.Event with { Extensions = record.Event.Extensions.Add("big", extension) },
                Timeline = [.. Enumerable.Range(0, Timeline.Capacity).Select(i => new TimelineEntry(StoreSamples.Start, TimelineStep.AttemptFailed)
                {
                    Detail = new string('漢', 300),
                })],
            };
            bytes = bytes * 9 / 10;
        }
        while (!EventEncoder.Fits(EventEncoder.Encode(record.Event, run: 1)));

        var document = DocumentJson.Write(record);
        Assert.InRange(document.Length, 1, MaxItemBytes);
        StoreSamples.AssertSame(record, DocumentJson.ReadRecord(document));
    }

    public static TheoryData<EventStoreConformance.Payload> Payloads => [.. Enum.GetValues<EventStoreConformance.Payload>()];

    [Theory]
    [MemberData(nameof(Payloads))]
    public void The_largest_full_data_fits_in_an_item(EventStoreConformance.Payload payload)
    {
        foreach (var bytes in new[] { StoredContent.MaxPlainBytes, 1_400_000 })
        {
            var data = StoreSamples.FullData(new EventKey(new string('s', 1_024), new string('i', 1_024)), EventStoreConformance.ContentOf(payload, bytes)) with
            {
                Subject = new string('漢', 341),
                Url = "https://example.com/" + new string('u', 8_000),
                ContentType = new string('t', 1_000),
                ETag = new string('"', 4_000),
                Previous = new PreviousData(new string('漢', 341), StoreSamples.Start) { Changes = new string('"', PreviousData.MaxChangesBytes) },
            };

            var document = DocumentJson.Write(data);
            Assert.InRange(document.Length, 1, MaxItemBytes);
            Assert.Equal(data, DocumentJson.ReadData(document));
        }
    }
}
