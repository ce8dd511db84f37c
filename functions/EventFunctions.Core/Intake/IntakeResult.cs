using EventFunctions.Events;

namespace EventFunctions.Intake;

/// <summary>What intake did with the events of a request.</summary>
/// <param name="Outcomes">What became of each event, in order; empty where anything was refused.</param>
/// <param name="Refusals">What was refused; then nothing was recorded.</param>
public sealed record IntakeResult(IReadOnlyList<IntakeOutcome> Outcomes, IReadOnlyList<IntakeRefusal> Refusals);

/// <summary>What became of one event.</summary>
/// <param name="Key">The event.</param>
/// <param name="Verdict">What it turned out to be.</param>
/// <param name="Status">The status of the record that has its key.</param>
public sealed record IntakeOutcome(EventKey Key, IntakeVerdict Verdict, EventStatus Status);

/// <summary>What an event turned out to be.</summary>
public enum IntakeVerdict
{
    /// <summary>New: it is durable now.</summary>
    Accepted,

    /// <summary>A repeat of a recorded event.</summary>
    Duplicate,

    /// <summary>Another content under the identity of a recorded event.</summary>
    Conflict,
}

/// <summary>Why one event is refused.</summary>
/// <param name="Index">The event's place in the request, counted from 0.</param>
/// <param name="Reason">The kind of reason.</param>
/// <param name="Attribute">The attribute at fault; null where it is the whole event.</param>
/// <param name="Detail">The reason in words.</param>
public sealed record IntakeRefusal(int Index, RefusalReason Reason, string? Attribute, string Detail);

/// <summary>Why an event is refused. Where a request has several reasons, the first here is its answer's.</summary>
public enum RefusalReason
{
    /// <summary>No producer owns the source.</summary>
    UnknownSource,

    /// <summary>Whoever posts it is none of the producer's callers.</summary>
    CallerNotAllowed,

    /// <summary>The producer may not send the type.</summary>
    TypeNotAllowed,

    /// <summary>Event Grid would refuse the event for its size.</summary>
    TooLarge,
}
