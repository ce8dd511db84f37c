using EventFunctions.CloudEvents;
using EventFunctions.Intake.Quotas;

namespace EventFunctions.Intake;

/// <summary>Represents events that arrive together.</summary>
/// <param name="Events">Valid events; a repeat within them is treated as any repeat.</param>
/// <param name="Channel">How they reach the service.</param>
/// <param name="Caller">The sender; null if the channel has none.</param>
/// <param name="Mode">What a rejected event means for the others.</param>
public sealed record IntakeRequest(
    IReadOnlyList<EventNotification> Events, IntakeChannel Channel, IntakeCaller? Caller = null, IntakeMode Mode = IntakeMode.AllOrNothing)
{
    /// <summary>What each event's timeline says about its reading, in the order of the events; empty or null for nothing.</summary>
    public IReadOnlyList<string?> Remarks { get; init; } = [];

    /// <summary>Decides which events have to wait; null if no event waits for a quota.</summary>
    internal DeliveryQuota? Quota { get; init; }
}

/// <summary>How events reach the service.</summary>
public enum IntakeChannel
{
    /// <summary>Posted as CloudEvents.</summary>
    Post,

    /// <summary>Posted as a message in the producer's own format.</summary>
    Message,

    /// <summary>Delivered by an Event Grid subscription.</summary>
    EventGrid,

    /// <summary>Read from the producer's feed.</summary>
    Feed,

    /// <summary>Tried by an administrator; nothing is recorded.</summary>
    DryRun,
}

/// <summary>What a rejected event means for the others of its request.</summary>
public enum IntakeMode
{
    /// <summary>One rejected event rejects the request.</summary>
    AllOrNothing,

    /// <summary>The other events are recorded.</summary>
    EachAlone,
}
