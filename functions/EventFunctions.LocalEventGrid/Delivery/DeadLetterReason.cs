namespace EventFunctions.Local.EventGrid;

/// <summary>Why an event is given up, in the words of dead letters.</summary>
internal static class DeadLetterReason
{
    /// <summary>The last attempt that the retry policy allows has failed.</summary>
    public const string MaxDeliveryAttemptsExceeded = "MaxDeliveryAttemptsExceeded";

    /// <summary>The event was older than the retry policy allows when its next attempt was due.</summary>
    public const string TimeToLiveExceeded = "TimeToLiveExceeded";

    /// <summary>The subscriber's answer says that no attempt will ever succeed. The service does not document its word.</summary>
    public const string Undeliverable = "UndeliverableDueToClientError";
}
