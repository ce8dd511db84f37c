using System.Collections.Immutable;
using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;

namespace EventFunctions.Records.Documents;

/// <summary>The stored document of a record, in every store the same. Names and meaning as in <see cref="EventRecord"/>.</summary>
public sealed record EventDocument
{
    /// <summary>The value of <see cref="Kind"/>.</summary>
    public const string KindName = "event";

    /// <summary>The item id, unique within <see cref="EventId"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Tells records from other documents.</summary>
    public string Kind { get; init; } = KindName;

    /// <summary>The partition key: CloudEvents <c>id</c>.</summary>
    public required string EventId { get; init; }

    /// <summary>CloudEvents <c>source</c>.</summary>
    public required string Source { get; init; }

    /// <summary>CloudEvents <c>type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents <c>subject</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>CloudEvents <c>time</c>, as sent.</summary>
    public string? Time { get; init; }

    /// <summary>CloudEvents <c>datacontenttype</c>.</summary>
    public string? DataContentType { get; init; }

    /// <summary>CloudEvents <c>dataschema</c>.</summary>
    public string? DataSchema { get; init; }

    /// <summary>The extension <c>dataref</c>.</summary>
    public string? DataRef { get; init; }

    /// <summary>The extension <c>traceparent</c>.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The extension <c>tracestate</c>.</summary>
    public string? TraceState { get; init; }

    /// <summary>All other extension attributes, each with its JSON type; null if there are no others.</summary>
    public ImmutableSortedDictionary<string, ExtensionValue>? Extensions { get; init; }

    /// <summary>The payload's text; null without a payload.</summary>
    public string? Data { get; init; }

    /// <summary>What the payload is.</summary>
    public ContentKind? DataKind { get; init; }

    /// <summary>How <see cref="Data"/> holds the payload.</summary>
    public StoredEncoding? DataEncoding { get; init; }

    /// <summary>The ID of the entity; null without an entity.</summary>
    public string? EntityId { get; init; }

    /// <summary>The entity's subject, if it differs from the event's own.</summary>
    public string? EntitySubject { get; init; }

    /// <summary>Whether the event makes an entity.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Linked { get; init; }

    /// <summary>See <see cref="EventRecord.Deletion"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Deletion { get; init; }

    /// <summary>See <see cref="EventRecord.OwnData"/>.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool OwnData { get; init; }

    /// <summary>Tells a repeat from a conflict.</summary>
    public required string Fingerprint { get; init; }

    /// <summary>The producer's name.</summary>
    public required string Producer { get; init; }

    /// <summary>Where the current run stands.</summary>
    public required EventStatus Status { get; init; }

    /// <summary>The current run.</summary>
    public int Run { get; init; }

    /// <summary>Why the run failed or was filtered.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether the failure is dismissed.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Dismissed { get; init; }

    /// <summary>Whether the content was erased.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Erased { get; init; }

    /// <summary>When the event became durable.</summary>
    public required DateTimeOffset RecordedAt { get; init; }

    /// <summary>What a run left to the relay; null means nothing.</summary>
    public PendingDocument? Pending { get; init; }

    /// <summary>From when on the relay may publish it again, or finish its pending parts.</summary>
    public DateTimeOffset? RelayAt { get; init; }

    /// <summary>Publications of the relay in a row that were not taken.</summary>
    public int RelayFailures { get; init; }

    /// <summary>Attempts of this run that did not finish.</summary>
    public int Attempts { get; init; }

    /// <summary>Seconds after the last write that the store may forget the document; null means never.</summary>
    public int? Ttl { get; init; }

    /// <summary>What happened, oldest first.</summary>
    public ImmutableArray<TimelineEntry> Timeline { get; init; } = [];

    /// <summary>The document of a record.</summary>
    /// <param name="record">The record.</param>
    public static EventDocument From(EventRecord record)
    {
        var sent = record.Event;
        var data = sent.Data is null ? (StoredContent?)null : StoredContent.From(sent.Data);
        return new EventDocument
        {
            Id = record.Key.DocumentId,
            EventId = sent.Id,
            Source = sent.Source,
            Type = sent.Type,
            Subject = sent.Subject,
            Time = sent.Time,
            DataContentType = sent.DataContentType,
            DataSchema = sent.DataSchema,
            DataRef = sent.DataRef,
            TraceParent = sent.TraceParent,
            TraceState = sent.TraceState,
            Extensions = sent.Extensions.IsEmpty ? null : sent.Extensions,
            Data = data?.Text,
            DataKind = data?.Kind,
            DataEncoding = data?.Encoding,
            EntityId = record.Entity?.Id,
            EntitySubject = record.Entity?.Subject == sent.Subject ? null : record.Entity?.Subject,
            Linked = record.Linked,
            Deletion = record.Deletion,
            OwnData = record.OwnData,
            Fingerprint = record.Fingerprint,
            Producer = record.Producer,
            Status = record.Status,
            Run = record.Run,
            Reason = record.Reason,
            Dismissed = record.Dismissed,
            Erased = record.Erased,
            RecordedAt = record.RecordedAt,
            Pending = PendingDocument.Of(record.Run, record.Pending),
            RelayAt = record.RelayAt,
            RelayFailures = record.RelayFailures,
            Attempts = record.Attempts,
            Ttl = TimeToLive.ToSeconds(record.TimeToLive),
            Timeline = record.Timeline,
        };
    }

    /// <summary>The uncompressed size of the payload in bytes; 0 without a payload.</summary>
    internal long PayloadBytes => Content?.PayloadBytes ?? 0;

    private StoredContent? Content => Data is null ? null : new StoredContent(Data, DataKind ?? default, DataEncoding ?? default);

    /// <summary>The record that the document holds.</summary>
    /// <param name="withData">Whether with the event's data; else it is not even decoded.</param>
    public EventRecord ToRecord(bool withData = true) => new()
    {
        Event = new EventNotification
        {
            Id = EventId,
            Source = Source,
            Type = Type,
            Subject = Subject,
            Time = Time,
            DataContentType = DataContentType,
            DataSchema = DataSchema,
            DataRef = DataRef,
            TraceParent = TraceParent,
            TraceState = TraceState,
            Extensions = Extensions?.WithComparers(StringComparer.Ordinal) ?? EventNotification.NoExtensions,
            Data = withData ? Content?.ToContent() : null,
        },
        Producer = Producer,
        Entity = EntityId is not null && (EntitySubject ?? Subject) is { } entity ? new EntityKey(Source, entity) : null,
        Linked = Linked,
        Deletion = Deletion,
        OwnData = OwnData,
        Fingerprint = Fingerprint,
        Dismissed = Dismissed,
        Erased = Erased,
        RecordedAt = RecordedAt,
        Status = Status,
        Run = Run,
        Reason = Reason,
        Pending = Pending is { } pending && pending.Run == Run ? pending.Parts : EventParts.None,
        RelayAt = RelayAt,
        RelayFailures = RelayFailures,
        Attempts = Attempts,
        TimeToLive = TimeToLive.FromSeconds(Ttl),
        Timeline = Timeline,
    };
}
