using System.Text.Json.Serialization;

namespace EventFunctions.Administration;

/// <summary>One change that an administrator made, as the log of administration has it. It has no definitions and no secrets.</summary>
public sealed record AdministrationEntry
{
    /// <summary>The ID; later entries have greater IDs.</summary>
    [JsonIgnore]
    public string Id { get; init; } = "";

    /// <summary>When the change began, by the clock of the instance that made it.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>Who made it: <c>entra:</c> and an object ID, or <c>key:</c> and the beginning of the administration key's SHA-256.</summary>
    public required string By { get; init; }

    /// <summary>The operation, by its name in the contract.</summary>
    public required string Action { get; init; }

    /// <summary>What kind of object was changed.</summary>
    public required string Object { get; init; }

    /// <summary>The object's name or ID; null if the kind alone says it.</summary>
    [JsonPropertyName("objectName")]
    public string? Name { get; init; }

    /// <summary>The source of an event or entity.</summary>
    public string? Source { get; init; }

    /// <summary>The object's ETag before the change; null if it had none.</summary>
    public string? ETagBefore { get; init; }

    /// <summary>The object's ETag after the change; null if the object is gone.</summary>
    public string? ETagAfter { get; init; }

    /// <summary>The job that was started, by its ID.</summary>
    public string? Job { get; init; }

    /// <summary>The outcome of the change.</summary>
    public AdministrationOutcome Outcome { get; init; }
}

/// <summary>The outcome of a change.</summary>
public enum AdministrationOutcome
{
    /// <summary>The change may have been made or not: it did not end, or its end could not be recorded.</summary>
    Unknown,

    /// <summary>The change was made, or everything was so already.</summary>
    Made,
}
