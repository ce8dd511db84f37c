namespace EventFunctions.Intake;

/// <summary>What a rule decides.</summary>
internal enum RuleResult
{
    /// <summary>The next rule decides.</summary>
    Continue,

    /// <summary>The event is rejected.</summary>
    RejectEvent,

    /// <summary>The event is rejected. If one event rejects the request, the events behind it are not checked.</summary>
    RejectRequest,
}
