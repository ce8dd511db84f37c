using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Tests.Consumption;

/// <summary>A record and its data with a value in every place.</summary>
internal static class SampleRecords
{
    private static readonly DateTimeOffset Now = new(2026, 1, 31, 10, 30, 0, 120, TimeSpan.FromHours(2));

    public static EventRecord Full { get; } = new()
    {
        Event = new EventNotification
        {
            Id = "a/ä",
            Source = "/s",
            Type = "t",
            Subject = "policy-42",
            Time = "2026-01-31T08:30:00Z",
            DataContentType = "application/json",
            DataSchema = "urn:schema",
            DataRef = "p/42",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            TraceState = "a=b",
            Extensions = EventNotification.NoExtensions
                .Add("status", new ExtensionValue(ExtensionType.Text, "mine"))
                .Add("count", new ExtensionValue(ExtensionType.Integer, "7")),
            Data = EventContent.FromJson("""{ "n": 123456789012345678901234567890 }"""),
        },
        Producer = "policies",
        Fingerprint = new string('0', 64),
        RecordedAt = Now,
        Status = EventStatus.Failed,
        Run = 1,
        Reason = "dataNotFound",
        Timeline =
        [
            new TimelineEntry(Now, TimelineStep.Recorded) { TraceId = "0af7651916cd43dd8448eb211c80319c" },
            new TimelineEntry(Now, TimelineStep.AttemptFailed, 1) { Detail = "404", Attempt = 2, Count = 3 },
        ],
    };

    public static FullData Data { get; } = new()
    {
        Key = Full.Key,
        Run = 1,
        Type = "t",
        FetchedAt = Now,
        Url = "https://policies.example.com/p/42",
        ContentType = "application/vnd.policy+json; charset=utf-8",
        ETag = "W/\"v1\"",
        Content = EventContent.FromJson("""{ "full": true }"""),
    };
}
