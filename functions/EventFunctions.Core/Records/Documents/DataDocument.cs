using System.Text.Json.Serialization;
using EventFunctions.CloudEvents;

namespace EventFunctions.Records.Documents;

/// <summary>The stored document of the full data of one run, in every store the same. Names and meaning as in <see cref="FullData"/>.</summary>
internal sealed record DataDocument
{
    /// <summary>The value of <see cref="Kind"/>.</summary>
    public const string KindName = "data";

    /// <summary>The item id, unique within <see cref="EventId"/>.</summary>
    public required string Id { get; init; }

    /// <summary>Tells full data from other documents.</summary>
    public string Kind { get; init; } = KindName;

    /// <summary>The partition key: CloudEvents <c>id</c>.</summary>
    public required string EventId { get; init; }

    /// <summary>CloudEvents <c>source</c>.</summary>
    public required string Source { get; init; }

    /// <summary>The run that fetched it.</summary>
    public int Run { get; init; }

    /// <summary>CloudEvents <c>type</c> of the event.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents <c>subject</c> of the event.</summary>
    public string? Subject { get; init; }

    /// <summary>W3C <c>traceparent</c> of the attempt that fetched it.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c> of the attempt that fetched it.</summary>
    public string? TraceState { get; init; }

    /// <summary>When it was fetched.</summary>
    public required DateTimeOffset FetchedAt { get; init; }

    /// <summary>Where it was fetched from.</summary>
    public required string Url { get; init; }

    /// <summary>The producer's <c>Content-Type</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary>The producer's <c>ETag</c>.</summary>
    public string? ETag { get; init; }

    /// <summary>The content's text.</summary>
    public required string Data { get; init; }

    /// <summary>What the content is.</summary>
    public required ContentKind DataKind { get; init; }

    /// <summary>How <see cref="Data"/> holds the content.</summary>
    public required StoredEncoding DataEncoding { get; init; }

    /// <summary>The ID of the entity's event before.</summary>
    public string? PreviousId { get; init; }

    /// <summary>When the entity's event before happened.</summary>
    public DateTimeOffset? PreviousTime { get; init; }

    /// <summary>What changed since, as the text of a JSON Patch.</summary>
    public string? Changes { get; init; }

    /// <summary>Whether this is the mark of erased data.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)]
    public bool Erased { get; init; }

    /// <summary>Seconds after its creation that the store may forget the document; null means never.</summary>
    public int? Ttl { get; init; }

    /// <summary>The document of full data.</summary>
    /// <param name="data">The full data.</param>
    public static DataDocument From(FullData data)
    {
        var content = StoredContent.From(data.Content);
        return new DataDocument
        {
            Id = data.Key.DataDocumentId(data.Run),
            EventId = data.Key.Id,
            Source = data.Key.Source,
            Run = data.Run,
            Type = data.Type,
            Subject = data.Subject,
            TraceParent = data.TraceParent,
            TraceState = data.TraceState,
            FetchedAt = data.FetchedAt,
            Url = data.Url,
            ContentType = data.ContentType,
            ETag = data.ETag,
            Data = content.Text,
            DataKind = content.Kind,
            DataEncoding = content.Encoding,
            PreviousId = data.Previous?.Id,
            PreviousTime = data.Previous?.Time,
            Changes = data.Previous?.Changes,
            Erased = data.Erased,
            Ttl = TimeToLive.ToSeconds(data.TimeToLive),
        };
    }

    /// <summary>The full data that the document holds.</summary>
    public FullData ToData() => new()
    {
        Key = new EventKey(Source, EventId),
        Run = Run,
        Type = Type,
        Subject = Subject,
        TraceParent = TraceParent,
        TraceState = TraceState,
        FetchedAt = FetchedAt,
        Url = Url,
        ContentType = ContentType,
        ETag = ETag,
        Content = new StoredContent(Data, DataKind, DataEncoding).ToContent(),
        Previous = PreviousId is null ? null : new PreviousData(PreviousId, PreviousTime ?? default) { Changes = Changes },
        Erased = Erased,
        TimeToLive = TimeToLive.FromSeconds(Ttl),
    };
}
