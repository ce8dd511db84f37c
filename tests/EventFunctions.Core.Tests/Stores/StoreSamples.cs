using System.Collections.Immutable;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Tests.Stores;

/// <summary>Records and full data to store, and what it means that they came back the same.</summary>
internal static class StoreSamples
{
    public static readonly DateTimeOffset Start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    public static EventRecord Record(
        string? id = null,
        string source = "/insurance/policies",
        string type = "policy.renewed",
        string? subject = "policy-42",
        EventStatus status = EventStatus.Recorded,
        DateTimeOffset? at = null,
        EventContent? data = null) => new()
        {
            Event = new EventNotification
            {
                Id = id ?? Guid.NewGuid().ToString(),
                Source = source,
                Type = type,
                Subject = subject,
                Data = data,
            },
            Producer = "policies",
            Fingerprint = new string('a', 64),
            RecordedAt = at ?? Start,
            Status = status,
            Reason = (status & (EventStatus.Failed | EventStatus.DeadLettered | EventStatus.Filtered)) != 0 ? "why" : null,
            RelayAt = (status & EventStatus.Open) != 0 ? (at ?? Start).AddMinutes(10) : null,
            Timeline = [new TimelineEntry(at ?? Start, TimelineStep.Recorded) { TraceId = "4bf92f3577b34da6a3ce929d0e0e4736" }],
        };

    public static EventRecord RecordWithEverything() => Record() with
    {
        Event = new EventNotification
        {
            Id = "id-1",
            Source = "/insurance/policies",
            Type = "policy.renewed",
            Subject = "policy-42",
            Time = "2026-03-01T12:00:00.123456789+01:00",
            DataContentType = "application/json; charset=utf-8",
            DataSchema = "https://example.com/schema",
            DataRef = "policies/42?x=\"1\"",
            TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            TraceState = "congo=t61rcWkgMzE",
            Extensions = EventNotification.NoExtensions
                .Add("number", new(ExtensionType.Integer, "-2147483648"))
                .Add("flag", new(ExtensionType.Boolean, "true"))
                .Add("off", new(ExtensionType.Boolean, "false"))
                .Add("lookslikeanumber", new(ExtensionType.Text, "42"))
                .Add("text", new(ExtensionType.Text, "a \"quoted\" \\ text with ü, 漢 and 😀")),
            Data = EventContent.FromJson("""{ "n" : 1.0 }"""),
        },
        Run = 3,
        Reason = "unpublishable",
        Linked = true,
        Deletion = true,
        OwnData = true,
        Dismissed = true,
        Erased = true,
        RelayFailures = 2,
        Attempts = 7,
        TimeToLive = TimeSpan.FromDays(7),
        Timeline =
        [
            new(Start, TimelineStep.Recorded) { TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01" },
            new(Start.AddMilliseconds(1), TimelineStep.AttemptFailed, Run: 3) { Detail = "503 from \"there\"", Attempt = 2, TraceId = "abc", Count = 5 },
        ],
    };

    public static FullData FullData(EventKey key, EventContent? content = null, int run = 0) => new()
    {
        Key = key,
        Run = run,
        Type = "policy.renewed",
        Subject = "policy-42",
        TraceParent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        TraceState = "congo=t61rcWkgMzE",
        FetchedAt = Start.AddSeconds(1),
        Url = "https://policies.example.com/policies/42",
        ContentType = "application/json",
        ETag = "W/\"7\"",
        Content = content ?? EventContent.FromJson("""{"premium":1}"""),
    };

    public static EventContent Random(int bytes, int seed = 1)
    {
        var content = new byte[bytes];
        new Random(seed).NextBytes(content);
        return new EventContent(ContentKind.Binary, content);
    }

    public static void AssertSame(EventRecord expected, EventRecord? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Event.Extensions, actual.Event.Extensions);
        Assert.Equal(expected.Timeline.AsEnumerable(), actual.Timeline.AsEnumerable());
        Assert.Equal(WithoutCollections(expected), WithoutCollections(actual));
    }

    // Collections compare by reference in records.
    private static EventRecord WithoutCollections(EventRecord record) => record with
    {
        Timeline = ImmutableArray<TimelineEntry>.Empty,
        Event = record.Event with { Extensions = EventNotification.NoExtensions },
    };
}
