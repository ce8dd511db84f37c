using EventFunctions.Producers;

namespace EventFunctions.Intake.Quotas;

/// <summary>
/// Keeps one delivery to the quotas of its producers. It comes again as it is, so all its events of a producer that has some of its quota left
/// are taken in and charged: otherwise a batch much larger than the quota would never be done.
/// </summary>
internal sealed class DeliveryQuota(ProducerQuotas quotas)
{
    private readonly Dictionary<string, QuotaExcess?> _producers = new(StringComparer.Ordinal);

    /// <summary>The excess that lasts longest, with the number of events that have to wait; null if none has to.</summary>
    public QuotaExcess? Excess => _producers.Values.MaxBy(excess => excess?.RetryAfter);

    /// <summary>Returns whether an event is taken in, and charges it if so.</summary>
    /// <param name="sender">The event's producer.</param>
    public bool Takes(Producer sender)
    {
        if (!_producers.TryGetValue(sender.Name, out var excess))
        {
            excess = quotas.ExcessOf(sender);
        }

        _producers[sender.Name] = excess is null ? null : excess with { Events = excess.Events + 1 };
        if (excess is null)
        {
            quotas.Charge(sender, 1);
        }

        return excess is null;
    }
}
