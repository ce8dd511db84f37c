using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Records.Documents;
using NCrontab;

namespace EventFunctions.Intake.Feeds;

/// <summary>How far a feed has been read, and who reads it: one document per producer.</summary>
internal sealed record FeedState
{
    /// <summary>The feed that it is about; at another URL there is another feed, which is read from its beginning.</summary>
    public required string Url { get; init; }

    /// <summary>The ID of the last event that is durable; null stands at the beginning.</summary>
    public string? LastEventId { get; init; }

    /// <summary>Of a feed of Atom or RSS: the document with older entries that is read next; null for the newest.</summary>
    public string? Page { get; init; }

    /// <summary>Of a feed of Atom or RSS: the newest time in the documents of this walk; null before it.</summary>
    public DateTimeOffset? Newest { get; init; }

    /// <summary>The ETag of the empty page that follows; null if unknown.</summary>
    public string? ETag { get; init; }

    /// <summary>When it was last read to its end, or as far as the tick went.</summary>
    public DateTimeOffset? ReadAt { get; init; }

    /// <summary>Whether the tick was over before the feed.</summary>
    public bool HasMore { get; init; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>When to try again after a failure.</summary>
    public DateTimeOffset? RetryAt { get; init; }

    /// <summary>Why the last attempt failed; null where it did not.</summary>
    public string? Error { get; init; }

    /// <summary>Until when the producer's quota delays the next page; null if it does not.</summary>
    public DateTimeOffset? PausedUntil { get; init; }

    /// <summary>The instance that reads the feed; null if there is none.</summary>
    public string? Holder { get; init; }

    /// <summary>Until when it may be taken to be at work.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>From when on the feed may be read.</summary>
    /// <param name="schedule">The feed's schedule, in UTC.</param>
    /// <param name="now">The time now.</param>
    public DateTimeOffset DueAt(CrontabSchedule schedule, DateTimeOffset now) =>
        Failures > 0 ? RetryAt ?? now
        : PausedUntil is { } until ? until
        : HasMore || ReadAt is null ? now
        : new DateTimeOffset(schedule.GetNextOccurrence(ReadAt.Value.UtcDateTime), TimeSpan.Zero);

    /// <summary>The document's body.</summary>
    public ReadOnlyMemory<byte> Write() => JsonSerializer.SerializeToUtf8Bytes(this, FeedJson.Default.FeedState);

    /// <summary>Reads a document's body.</summary>
    public static FeedState Read(ReadOnlySpan<byte> body) =>
        JsonSerializer.Deserialize(body, FeedJson.Default.FeedState) ?? throw new JsonException("The state of a feed is null.");
}

/// <summary>The contract of the document, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    Converters = [typeof(UtcMillisecondsConverter)])]
[JsonSerializable(typeof(FeedState))]
internal sealed partial class FeedJson : JsonSerializerContext;
