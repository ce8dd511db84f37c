using System.Collections.Immutable;
using System.Globalization;

namespace EventFunctions.CloudEvents;

/// <summary>
/// One event as its producer sent it: the attributes of CloudEvents 1.0 and, where it carries any, its data. Nothing
/// is filled in: what the producer left out is <see langword="null"/> here.
/// </summary>
public sealed record EventNotification
{
    /// <summary>CloudEvents <c>id</c>: at most 1,024 bytes of UTF-8, unique within <see cref="Source"/>.</summary>
    public required string Id { get; init; }

    /// <summary>CloudEvents <c>source</c>: a non-empty URI-reference of at most 1,024 bytes.</summary>
    public required string Source { get; init; }

    /// <summary>CloudEvents <c>type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents <c>subject</c>: what the event is about, within the source; at most 1,024 bytes of UTF-8.</summary>
    public string? Subject { get; init; }

    /// <summary>CloudEvents <c>time</c>, RFC 3339, exactly as sent.</summary>
    public string? Time { get; init; }

    /// <summary>CloudEvents <c>datacontenttype</c>, exactly as sent.</summary>
    public string? DataContentType { get; init; }

    /// <summary>CloudEvents <c>dataschema</c>: an absolute URI.</summary>
    public string? DataSchema { get; init; }

    /// <summary>The <c>dataref</c> extension: a URI-reference to the full data.</summary>
    public string? DataRef { get; init; }

    /// <summary>W3C <c>traceparent</c>, from the Distributed Tracing extension; not part of the fingerprint.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c>, from the Distributed Tracing extension; not part of the fingerprint.</summary>
    public string? TraceState { get; init; }

    /// <summary>
    /// All other extension attributes by name, each in its canonical string form together with the JSON type it had, so
    /// that it is published as it came.
    /// </summary>
    public ImmutableSortedDictionary<string, ExtensionValue> Extensions { get; init; } = NoExtensions;

    /// <summary>The notification's own (thin) payload.</summary>
    public EventContent? Data { get; init; }

    /// <summary>Who this event is.</summary>
    public EventKey Key => new(Source, Id);

    /// <summary>The run that the <c>replay</c> extension names; 0 if absent.</summary>
    internal int Run => Extensions.TryGetValue(ReservedNames.ReplayAttribute, out var replay)
        && int.TryParse(replay.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var run)
        ? run
        : 0;

    /// <summary>An empty set of extensions, ordered by code point.</summary>
    public static ImmutableSortedDictionary<string, ExtensionValue> NoExtensions { get; } =
        ImmutableSortedDictionary.Create<string, ExtensionValue>(StringComparer.Ordinal);
}

/// <summary>The CloudEvents types of an extension attribute that JSON can tell apart.</summary>
public enum ExtensionType
{
    /// <summary>A string, and every type that JSON writes as one (Binary, URI, Timestamp).</summary>
    Text,

    /// <summary>Integer: −2,147,483,648 to 2,147,483,647.</summary>
    Integer,

    /// <summary>Boolean.</summary>
    Boolean,
}

/// <summary>The value of an extension attribute.</summary>
/// <param name="Type">The JSON type it is written with.</param>
/// <param name="Value">CloudEvents' canonical string form: for example <c>42</c>, <c>true</c>.</param>
public readonly record struct ExtensionValue(ExtensionType Type, string Value);
