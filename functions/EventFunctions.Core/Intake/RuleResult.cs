namespace EventFunctions.Intake;

/// <summary>What a rule decides.</summary>
internal enum RuleResult
{
    /// <summary>The next rule decides.</summary>
    Continue,

    /// <summary>The event is rejected.</summary>
    RejectEvent,

    /// <summary>The event is rejected, and the events behind it are not looked at.</summary>
    RejectRequest,
}
