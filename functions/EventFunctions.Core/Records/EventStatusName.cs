namespace EventFunctions.Records;

/// <summary>The names that documents and the API have for statuses.</summary>
public static class EventStatusName
{
    /// <summary>All names, in the order of an event's life.</summary>
    public static IReadOnlyList<string> All { get; } = ["recorded", "filtered", "enriching", "completed", "failed", "deadLettered"];

    /// <summary>The name of a status.</summary>
    /// <param name="status">Exactly one status.</param>
    public static string Of(EventStatus status) => status switch
    {
        EventStatus.Recorded => "recorded",
        EventStatus.Filtered => "filtered",
        EventStatus.Enriching => "enriching",
        EventStatus.Completed => "completed",
        EventStatus.Failed => "failed",
        EventStatus.DeadLettered => "deadLettered",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Must be exactly one status."),
    };

    /// <summary>The status of a name, or null.</summary>
    /// <param name="name">One of <see cref="All"/>, exactly.</param>
    public static EventStatus? Parse(string name) => name switch
    {
        "recorded" => EventStatus.Recorded,
        "filtered" => EventStatus.Filtered,
        "enriching" => EventStatus.Enriching,
        "completed" => EventStatus.Completed,
        "failed" => EventStatus.Failed,
        "deadLettered" => EventStatus.DeadLettered,
        _ => null,
    };
}
