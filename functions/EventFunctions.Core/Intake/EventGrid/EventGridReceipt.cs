using EventFunctions.Intake.Quotas;

namespace EventFunctions.Intake.EventGrid;

/// <summary>Describes the results of the events that Event Grid delivered together.</summary>
/// <param name="Recorded">How many are new.</param>
/// <param name="Duplicates">How many were recorded before.</param>
/// <param name="Refused">How many were refused, and will be again.</param>
public sealed record EventGridReceipt(int Recorded, int Duplicates, int Refused)
{
    /// <summary>Why some events were neither recorded nor kept although the sender can mend it; null if there are none.</summary>
    public string? Unauthorized { get; init; }

    /// <summary>Whether an event of an unknown source, which an operator can mend, was not kept because the list of refusals is full.</summary>
    public bool IsListFull { get; init; }

    /// <summary>The quota that delays the rest; null if nothing is delayed.</summary>
    public QuotaExcess? Excess { get; init; }
}
