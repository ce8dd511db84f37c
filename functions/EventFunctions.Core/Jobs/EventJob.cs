using System.Collections.Immutable;
using System.Text.Json.Serialization;
using EventFunctions.Storage;

namespace EventFunctions.Jobs;

/// <summary>What a job does to each event that its filter matches.</summary>
public enum JobAction
{
    /// <summary>Begins a new run.</summary>
    Replay,

    /// <summary>Dismisses the failure.</summary>
    Dismiss,

    /// <summary>Brings the dismissed failure back.</summary>
    Restore,

    /// <summary>Erases the content.</summary>
    Erase,

    /// <summary>Delivers missed events to a webhook.</summary>
    Deliver,
}

/// <summary>Where a job stands.</summary>
public enum JobState
{
    /// <summary>Waits to start.</summary>
    Waiting,

    /// <summary>Runs.</summary>
    Running,

    /// <summary>Was cancelled, and ends the page that it has begun.</summary>
    Cancelling,

    /// <summary>Every event that matched was met.</summary>
    Completed,

    /// <summary>It ended before its time.</summary>
    Cancelled,

    /// <summary>Failed.</summary>
    Failed,
}

/// <summary>An administrator's request to change many events, as a document that survives a crash of its worker.</summary>
public sealed record EventJob
{
    /// <summary>Names the job; later jobs have greater IDs.</summary>
    [JsonIgnore]
    public string Id { get; init; } = "";

    /// <summary>The action.</summary>
    public required JobAction Action { get; init; }

    /// <summary>To which events.</summary>
    public required EventFilter Filter { get; init; }

    /// <summary>The webhook to deliver to; null for other actions.</summary>
    public string? Webhook { get; init; }

    /// <summary>The most events per second.</summary>
    public required int Rate { get; init; }

    /// <summary>Where it stands.</summary>
    public JobState State { get; init; }

    /// <summary>When it was requested; events recorded later are not part of it.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Who asked for it: <c>entra:</c> and an object ID, or <c>key</c>. Null in jobs of before that was kept.</summary>
    public string? StartedBy { get; init; }

    /// <summary>When it was begun.</summary>
    public DateTimeOffset? StartedAt { get; init; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>
    /// The end of its holder's lease, after which another worker may take the job. Of a job that has ended, when late deliveries of its erased
    /// events are swept. Null if nothing is left to do.
    /// </summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>When the rate allows the next events.</summary>
    public DateTimeOffset? NextAt { get; init; }

    /// <summary>The store's continuation behind the last event that matched.</summary>
    public string? Continuation { get; init; }

    /// <summary>Whether no more events match; of a job that has ended, whether no more are left to list for its sweep.</summary>
    public bool IsRead { get; init; }

    /// <summary>The events in progress, each in the run that matched. They are stored before they are changed.</summary>
    public ImmutableArray<JobItem> Pending { get; init; } = [];

    /// <summary>How many events matched so far.</summary>
    public long Matched { get; init; }

    /// <summary>To how many of them it was done.</summary>
    public long Started { get; init; }

    /// <summary>How many had changed meanwhile, or could not be had.</summary>
    public long Skipped { get; init; }

    /// <summary>For how many it failed.</summary>
    public long Failed { get; init; }

    /// <summary>Why the job failed or, if it completed, which part could not be done.</summary>
    public string? Detail { get; init; }

    /// <summary>Whether nothing more will happen.</summary>
    [JsonIgnore]
    public bool IsOver => State is JobState.Completed or JobState.Cancelled or JobState.Failed;
}

/// <summary>An event that a job has met.</summary>
/// <param name="Source">Its source.</param>
/// <param name="Id">Its ID.</param>
/// <param name="Run">The run it was in: nothing is done to a later one.</param>
/// <param name="Producer">The producer that it was recorded for.</param>
public sealed record JobItem(string Source, string Id, int Run, string Producer);

/// <summary>The contract of a job's document, worked out by the compiler.</summary>
[JsonSerializable(typeof(EventJob))]
internal sealed partial class EventJobContext : JsonSerializerContext;
