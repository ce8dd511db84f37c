namespace EventFunctions.Intake;

/// <summary>How events reach the service where they are not posted as events: the detail of the entry that says they are recorded.</summary>
public static class IntakeChannel
{
    /// <summary>As a producer's own message.</summary>
    public const string Message = "message";

    /// <summary>From a producer's feed.</summary>
    public const string Feed = "feed";
}
