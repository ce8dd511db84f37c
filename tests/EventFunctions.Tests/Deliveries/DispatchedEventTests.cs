using System.Globalization;
using System.Text.Json;
using Azure.Messaging;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Functions;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Tests.Stores;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Tests.Deliveries;

public sealed class DispatchedEventTests : IAsyncDisposable
{
    private static readonly Uri DataCall = new("https://events.example.com/data");

    private readonly DeliveryScenario _scenario = new();

    public ValueTask DisposeAsync() => _scenario.DisposeAsync();

    public static TheoryData<string, EventContent> Contents => new()
    {
        { "JSON", EventContent.FromJson("""{"premium":{"amount":512.40}}""") },
        { "text", new EventContent(ContentKind.Text, "plain"u8.ToArray()) },
        { "bytes", new EventContent(ContentKind.Binary, new byte[] { 1, 2, 3 }) },
        { "bytes that are JSON", new EventContent(ContentKind.Binary, """{"premium":{"amount":512.40}}"""u8.ToArray()) },
        { "more than the topic takes", EventContent.FromJson($"\"{new string('x', 1_000_000)}\"") },
    };

    [Fact]
    public async Task Filters_see_attributes_and_data_of_what_would_be_posted()
    {
        var errors = new List<FilterError>();
        var filters = AdvancedFilters.Parse(
            JsonElement.Parse("""
                [
                  { "operatorType": "StringBeginsWith", "key": "type", "values": ["policy."] },
                  { "operatorType": "NumberGreaterThan", "key": "data.premium.amount", "value": 500 }
                ]
                """),
            onArrays: true,
            "",
            errors);
        Assert.Empty(errors);
        await _scenario.RegisterAsync(with: definition => definition with { Filters = filters });

        await _scenario.DispatchAsync(
            [
                await _scenario.RecordAsync("dear", data: EventContent.FromJson("""{"premium":{"amount":512.40}}""")),
                await _scenario.RecordAsync("cheap", data: EventContent.FromJson("""{"premium":{"amount":12.40}}""")),
                await _scenario.RecordAsync("other", "claim.opened", EventContent.FromJson("""{"premium":{"amount":512.40}}""")),
            ]);

        Assert.Equal("dear", Assert.Single(await _scenario.AllAsync()).EventId);
    }

    [Theory]
    [MemberData(nameof(Contents))]
    public void Filters_see_the_same_enriched_event_as_its_consumers(string what, EventContent content)
    {
        var data = StoreSamples.FullData(new EventKey(DeliveryScenario.Source, "1"), content, run: 2) with
        {
            Previous = new PreviousData("0", StoreSamples.Start) { Changes = """[{"op":"replace","path":"/premium","value":1}]""" },
        };

        AssertSeenAlike(what, EventEncoder.EncodeEnriched(data, DataCall), DispatchedEvent.Of(data, DataCall));
    }

    [Theory]
    [InlineData("2026-01-31T08:30:00Z", 0)]
    [InlineData("2026-01-31T08:30:00.120Z", 1)]
    [InlineData("2026-01-31T08:30:00.1234567+01:00", 0)]
    [InlineData("2026-01-31T08:30:00.000Z", 2)]
    public void Filters_see_the_same_thin_event_as_its_consumers(string time, int run)
    {
        var record = StoreSamples.Record("1", DeliveryScenario.Source, data: EventContent.FromJson("""{"premium":1}""")) with { Run = run };
        record = record with
        {
            Event = record.Event with
            {
                Time = time,
                DataRef = "policies/1",
                Extensions = EventNotification.NoExtensions.Add("urgent", new(ExtensionType.Boolean, "true")).Add("rank", new(ExtensionType.Integer, "3")),
            },
        };

        AssertSeenAlike("thin", EventEncoder.Encode(record), DispatchedEvent.Of(record));
    }

    private static void AssertSeenAlike(string what, ReadOnlyMemory<byte> onTheTopic, DispatchedEvent stored)
    {
        var came = TopicEvent.Read(CloudEvent.Parse(BinaryData.FromBytes(onTheTopic))!);

        Assert.Equal(came.Extensions, stored.Content.Extensions);
        Assert.Equal(came with { Extensions = stored.Content.Extensions, Data = null, Time = null }, stored.Content with { Data = null, Time = null });
        Assert.Equal(Milliseconds(came.Time), Milliseconds(stored.Content.Time));
        foreach (var key in new[] { "data", "data.premium", "data.premium.amount" })
        {
            Assert.Equal((what, key, SeenIn(AsJson(came), key)), (what, key, SeenIn(stored.Content, key)));
        }

        static EventNotification AsJson(EventNotification came)
        {
            try
            {
                using var json = came.Data is { } data ? JsonDocument.Parse(data.Bytes) : null;
                return json is null ? came : came with { Data = came.Data! with { Kind = ContentKind.Json } };
            }
            catch (JsonException)
            {
                return came;
            }
        }

        static DateTimeOffset? Milliseconds(string? time) => time is null ? null : DateTimeOffset.Parse(time, CultureInfo.InvariantCulture);

        static (FilterValueKind, string) SeenIn(EventNotification one, string key)
        {
            var value = new NotificationFilterView(one).Find(new FilterKey(key));
            return (value.Kind, value.TryGetScalar(out var text) ? text : "");
        }
    }
}
