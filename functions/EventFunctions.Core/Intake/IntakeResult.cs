using EventFunctions.CloudEvents;
using EventFunctions.Intake.Quotas;
using EventFunctions.Records;

namespace EventFunctions.Intake;

/// <summary>Describes what intake did with the events of a request.</summary>
/// <param name="Outcomes">The results of the accepted events, in order; empty if a rejected event rejects the request.</param>
/// <param name="Refusals">Why events were rejected; several for one event if it has several errors.</param>
public sealed record IntakeResult(IReadOnlyList<IntakeOutcome> Outcomes, IReadOnlyList<IntakeRefusal> Refusals)
{
    /// <summary>The quota that the request exceeds; then nothing is recorded, and there are no outcomes and no refusals.</summary>
    public QuotaExcess? Excess { get; init; }
}

/// <summary>Describes the result for one event.</summary>
/// <param name="Index">The event's place in the request, counted from 0.</param>
/// <param name="Key">The event.</param>
/// <param name="Verdict">Whether it is new.</param>
/// <param name="Status">The status of the record that has its key.</param>
public sealed record IntakeOutcome(int Index, EventKey Key, IntakeVerdict Verdict, EventStatus Status);

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
/// <param name="Attribute">
/// The attribute at fault, possibly followed by a JSON pointer into its value in the form of a URI fragment
/// (<c>data/premium</c>); null where it is the whole event.
/// </param>
/// <param name="Detail">The reason in words.</param>
public sealed record IntakeRefusal(int Index, RefusalReason Reason, string? Attribute, string Detail)
{
    /// <summary>Whether the event's check stopped because of its cost; later events were then not checked.</summary>
    public bool ExceededBudget { get; init; }
}

/// <summary>Why an event is refused. Where a request has several reasons, the first here is its answer's.</summary>
public enum RefusalReason
{
    /// <summary>The request brings the key of another producer.</summary>
    KeyNotForSource,

    /// <summary>No producer owns the source.</summary>
    UnknownSource,

    /// <summary>The producer has keys, and the request brings none.</summary>
    KeyMissing,

    /// <summary>The caller is not on the producer's list of callers.</summary>
    CallerNotAllowed,

    /// <summary>The producer may not send the type.</summary>
    TypeNotAllowed,

    /// <summary>The data is not what the type's schema asks for.</summary>
    SchemaViolation,

    /// <summary>The full data can never be fetched.</summary>
    DataReference,

    /// <summary>Event Grid would refuse the event for its size.</summary>
    TooLarge,
}

/// <summary>The names of reasons in metrics and traces.</summary>
public static class RefusalReasonName
{
    /// <summary>Another content under the identity of a recorded event.</summary>
    public const string Conflict = "conflict";

    /// <summary>The key of a producer is unknown, revoked or expired.</summary>
    public const string KeyInvalid = "keyInvalid";

    /// <summary>The request contains no event, or a message that does not give one.</summary>
    public const string Invalid = "invalid";

    /// <summary>The producer has sent as many events as its quota allows.</summary>
    public const string QuotaExceeded = "quotaExceeded";

    /// <summary>A message does not show that it is its producer's.</summary>
    public const string NotVerified = "notVerified";

    /// <summary>The name of a reason.</summary>
    /// <param name="reason">The reason.</param>
    public static string Of(RefusalReason reason) => reason switch
    {
        RefusalReason.UnknownSource => "unknownSource",
        RefusalReason.KeyNotForSource => "keyNotForSource",
        RefusalReason.KeyMissing => "keyMissing",
        RefusalReason.CallerNotAllowed => "callerNotAllowed",
        RefusalReason.TypeNotAllowed => "typeNotAllowed",
        RefusalReason.SchemaViolation => "schemaViolation",
        RefusalReason.DataReference => "dataReference",
        _ => "tooLarge",
    };
}
