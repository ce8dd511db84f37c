using System.Diagnostics;

namespace EventFunctions.CloudEvents;

/// <summary>What the enrichment needs of an event that Event Grid delivers.</summary>
public sealed record DeliveredEvent
{
    /// <summary>CloudEvents <c>id</c>.</summary>
    public required string Id { get; init; }

    /// <summary>CloudEvents <c>source</c>.</summary>
    public required string Source { get; init; }

    /// <summary>CloudEvents <c>type</c>.</summary>
    public required string Type { get; init; }

    /// <summary>CloudEvents <c>subject</c>.</summary>
    public string? Subject { get; init; }

    /// <summary>The <c>dataref</c> extension: where the full data is, absolute or relative to the producer's base URL.</summary>
    public string? DataRef { get; init; }

    /// <summary>The <c>replay</c> extension: the run; 0 if the extension is absent.</summary>
    public int Run { get; init; }

    /// <summary>W3C <c>traceparent</c>.</summary>
    public string? TraceParent { get; init; }

    /// <summary>W3C <c>tracestate</c>.</summary>
    public string? TraceState { get; init; }

    /// <summary>Returns what the enrichment needs of an event.</summary>
    /// <param name="notification">The event as it was delivered.</param>
    public static DeliveredEvent Of(EventNotification notification)
    {
        ArgumentNullException.ThrowIfNull(notification);
        return new DeliveredEvent
        {
            Id = notification.Id,
            Source = notification.Source,
            Type = notification.Type,
            Subject = notification.Subject,
            DataRef = notification.DataRef,
            Run = notification.Run,
            TraceParent = notification.TraceParent,
            TraceState = notification.TraceState,
        };
    }

    /// <summary>Who the event is.</summary>
    public EventKey Key => new(Source, Id);

    /// <summary>The trace ID of the event, else that of the current activity, if any.</summary>
    internal string? TraceId =>
        ActivityContext.TryParse(TraceParent, TraceState, out var context)
            ? context.TraceId.ToHexString()
            : Activity.Current is { IdFormat: ActivityIdFormat.W3C } activity ? activity.TraceId.ToHexString() : null;
}
