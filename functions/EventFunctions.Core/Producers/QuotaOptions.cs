using System.ComponentModel.DataAnnotations;

namespace EventFunctions.Producers;

/// <summary>How many events producers may send; the settings below <c>Quotas:</c>.</summary>
public sealed record QuotaOptions
{
    /// <summary>The events per minute of a producer whose definition has no quota; null sets no limit.</summary>
    [Range(1, MaxEventsPerMinute)]
    public int? EventsPerMinute { get; init; }

    /// <summary>The largest quota.</summary>
    internal const int MaxEventsPerMinute = 10_000_000;
}
