namespace EventFunctions.Intake.Quotas;

/// <summary>Describes a request that exceeds a producer's quota.</summary>
/// <param name="Producer">The producer's name.</param>
/// <param name="EventsPerMinute">Its quota.</param>
/// <param name="Events">How many events of the producer the request has.</param>
/// <param name="Left">How many the instance would take now.</param>
/// <param name="RetryAfter">When the request fits; null if it has more events than the quota, and never does.</param>
public sealed record QuotaExcess(string Producer, int EventsPerMinute, int Events, int Left, TimeSpan? RetryAfter);
