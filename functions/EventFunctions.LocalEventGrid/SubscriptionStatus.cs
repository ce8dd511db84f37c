namespace EventFunctions.Local.EventGrid;

/// <summary>How a subscription stands.</summary>
/// <param name="Topic">Its topic.</param>
/// <param name="Subscription">Its name.</param>
/// <param name="IsValidated">Whether its endpoint gets events: false before the handshake succeeded.</param>
/// <param name="Pending">Events that are neither delivered nor given up, on disk and in memory.</param>
/// <param name="Delivered">Events delivered since the start.</param>
/// <param name="FailedAttempts">Attempts that failed since the start, counted by event.</param>
/// <param name="DeadLettered">Dead letters written since the start.</param>
/// <param name="Dropped">Events given up since the start without a dead letter.</param>
public sealed record SubscriptionStatus(
    string Topic,
    string Subscription,
    bool IsValidated,
    long Pending,
    long Delivered,
    long FailedAttempts,
    long DeadLettered,
    long Dropped);
