using EventFunctions.Events;
using EventFunctions.Preparation.Filters;
using EventFunctions.Producers;

namespace EventFunctions.Administration;

/// <summary>What a producer's rules make of an event.</summary>
public sealed record TrialRules
{
    private const int MaxRuleLength = 200;

    /// <summary>What the event is about; null where that cannot be told.</summary>
    public EntityKey? Entity { get; init; }

    /// <summary>Why there is no entity, where the type's definition says what it is.</summary>
    public string? NoEntity { get; init; }

    /// <summary>The rule that keeps the event from being published, such as <c>publish[0] StringIn data.kind</c>; null publishes it.</summary>
    public string? FilteredBy { get; init; }

    /// <summary>The rule that keeps the event from being enriched; null enriches it.</summary>
    public string? NotEnrichedBy { get; init; }

    /// <summary>Whether the event would be published.</summary>
    public bool WouldPublish => FilteredBy is null;

    /// <summary>Whether its full data would be fetched.</summary>
    public bool WouldEnrich => WouldPublish && NotEnrichedBy is null;

    internal static TrialRules Of(Producer producer, EventNotification notification)
    {
        var type = producer.Types.GetValueOrDefault(notification.Type) ?? new ProducerType();
        return new TrialRules
        {
            Entity = type.Entity.IsEmpty && notification.Subject is { } subject ? new EntityKey(notification.Source, subject) : null,
            NoEntity = type.Entity.IsEmpty ? null : "This host does not look for entities in the data of events.",
            FilteredBy = FirstMismatch("publish", type.Publish, notification),
            NotEnrichedBy = FirstMismatch("enrich", type.Enrich, notification),
        };
    }

    private static string? FirstMismatch(string list, AdvancedFilters filters, EventNotification notification)
    {
        foreach (var (index, filter) in filters.Filters.Index())
        {
            if (!new AdvancedFilters([filter], onArrays: true).Match(new NotificationFilterView(notification)))
            {
                var rule = $"{list}[{index}] {filter.Operator} {filter.Key.Text}";
                return rule.Length > MaxRuleLength ? rule[..MaxRuleLength] : rule;
            }
        }

        return null;
    }
}
