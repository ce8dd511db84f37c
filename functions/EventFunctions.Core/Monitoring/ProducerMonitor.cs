using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Monitoring;

/// <summary>
/// The state of one expectation, for a producer or one of its entities. Times are spelt by <see cref="UtcMilliseconds"/>.
/// </summary>
internal sealed record ProducerMonitor
{
    /// <summary>The entity's source; null for a monitor without an entity.</summary>
    public string? Source { get; init; }

    /// <summary>The entity's subject; null for a monitor without an entity.</summary>
    public string? Subject { get; init; }

    /// <summary>The entity; null for a monitor without one.</summary>
    [JsonIgnore]
    public EntityKey? Entity => Source is not null && Subject is not null ? new EntityKey(Source, Subject) : null;

    /// <summary>How often an event was expected when this was written, in ticks.</summary>
    public long EveryTicks { get; init; }

    /// <summary>When the newest event was recorded; null before the first.</summary>
    public string? LastAt { get; init; }

    /// <summary>When to check it next; null if only an event can change it.</summary>
    public string? DueAt { get; init; }

    /// <summary>The active alarm; null if there is none.</summary>
    public MonitorNotice? Missing { get; init; }

    /// <summary>The event to publish; it is settled before the next decision.</summary>
    public MonitorNotice? Pending { get; init; }

    /// <summary>Whether an event came after the alarm.</summary>
    [JsonIgnore]
    public bool HasResumed => Missing is not null && LastAt is not null && LastAt != Missing.LastAt;
}

/// <summary>An event of the service's own, all that it is made of: a repeat is the same, byte by byte.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Id">Its ID.</param>
/// <param name="Time">Its time.</param>
/// <param name="EveryTicks">How often an event was expected, in ticks.</param>
/// <param name="LastAt">When the last event before the alarm was recorded; null where there was none.</param>
/// <param name="ExpectedBy">When the next one was to come.</param>
/// <param name="ResumedAt">When it was recorded at last; null in an alarm.</param>
internal sealed record MonitorNotice(string Type, string Id, string Time, long EveryTicks, string? LastAt, string ExpectedBy, string? ResumedAt);

/// <summary>Since when expectations are watched without a gap.</summary>
internal sealed record WatchState
{
    /// <summary>When was looked last.</summary>
    public required string At { get; init; }

    /// <summary>Since when each expectation is watched, by its partition.</summary>
    public Dictionary<string, WatchedExpectation> Since { get; init; } = [];

    /// <summary>Gaps in which checks were due but not made, oldest first; null in older documents.</summary>
    public IReadOnlyList<WatchGap>? Gaps { get; init; }
}

/// <summary>A gap in which no check was made.</summary>
/// <param name="End">When somebody did again.</param>
/// <param name="Ticks">How long it was, in ticks.</param>
internal sealed record WatchGap(string End, long Ticks);

/// <summary>Since when an expectation is watched.</summary>
/// <param name="At">Since when.</param>
/// <param name="EveryTicks">How often an event is expected, in ticks; another period begins a watch anew.</param>
internal sealed record WatchedExpectation(string At, long EveryTicks);

/// <summary>The documents of monitors.</summary>
internal static class MonitorDocuments
{
    private static readonly MonitorContext Context = new(new JsonSerializerOptions
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    });

    // An entity that is over would be missed for ever.
    private static readonly TimeSpan EntityLife = TimeSpan.FromDays(90);

    public static Document Write(Expectation expectation, string id, ProducerMonitor monitor) =>
        new(expectation.Partition, id, JsonSerializer.SerializeToUtf8Bytes(monitor, Context.ProducerMonitor))
        {
            TimeToLive = id == Expectation.WholeId ? null : EntityLife + (3 * expectation.Every),
        };

    public static ProducerMonitor Read(StoredDocument document) =>
        JsonSerializer.Deserialize(document.Body.Span, Context.ProducerMonitor) ?? throw new JsonException("A monitor is null.");

    public static Document Write(string partition, string id, WatchState state) =>
        new(partition, id, JsonSerializer.SerializeToUtf8Bytes(state, Context.WatchState));

    public static WatchState ReadWatch(StoredDocument document) =>
        JsonSerializer.Deserialize(document.Body.Span, Context.WatchState) ?? throw new JsonException("The state of the watch is null.");
}

/// <summary>The contracts of the documents, worked out by the compiler.</summary>
[JsonSerializable(typeof(ProducerMonitor))]
[JsonSerializable(typeof(WatchState))]
internal sealed partial class MonitorContext : JsonSerializerContext;
