using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Filters;
using EventFunctions.Producers;
using EventFunctions.Schemas;

namespace EventFunctions.Preparation;

/// <summary>
/// Applies a producer's rules to an event: schema, entity, filters. Intake and the dry run use it. Pure: the same event and producer give
/// the same result.
/// </summary>
public sealed class EventPreparation(JsonSchemas schemas)
{
    private const int MaxRuleLength = 200;

    private static readonly JsonDocumentOptions Options = new() { MaxDepth = SchemaCompiler.MaxDepth };

    /// <summary>Prepares an event.</summary>
    /// <param name="producer">The producer that owns the event's source.</param>
    /// <param name="notification">A valid event.</param>
    /// <param name="budget">What the checks of all events of a request may cost; null for an event alone.</param>
    /// <exception cref="InvalidSchemaException">The type's schema is one that should have been refused.</exception>
    public PreparedEvent Prepare(Producer producer, EventNotification notification, SchemaBudget? budget = null)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(notification);
        if (!producer.Types.TryGetValue(notification.Type, out var type))
        {
            var subject = EntityRules.OfSubject(notification);
            return new PreparedEvent { Entity = subject, Linked = subject is not null && producer.MakesEntities(notification.Type) };
        }

        var needsData = type.Schema is not null || !type.Entity.IsEmpty;
        using var document = needsData && notification.Data is { Kind: ContentKind.Json } data ? JsonDocument.Parse(data.Bytes, Options) : null;
        var errors = type.Schema is null ? []
            : document is null ? schemas.Validate(type.Schema, notification.Data)
            : schemas.Validate(type.Schema, document.RootElement, budget);
        var (entity, noEntity) = type.Entity.IsEmpty
            ? (EntityRules.OfSubject(notification), null)
            : EntityRules.OfData(notification.Source, type.Entity, document?.RootElement);
        return new PreparedEvent
        {
            Errors = errors,
            Entity = entity,
            Linked = entity is not null && producer.MakesEntities(notification.Type),
            NoEntity = noEntity,
            FilteredBy = FirstMismatch("publish", type.Publish, notification),
            NotEnrichedBy = NotEnrichedBy(type, notification),
        };
    }

    /// <summary>Returns the rule that keeps an event from being enriched; null if there is none.</summary>
    /// <param name="type">The event's type, as its producer has registered it.</param>
    /// <param name="notification">The event.</param>
    public static string? NotEnrichedBy(ProducerType type, EventNotification notification) => FirstMismatch("enrich", type.Enrich, notification);

    private static string? FirstMismatch(string list, AdvancedFilters filters, EventNotification notification)
    {
        var index = filters.FirstMismatch(new NotificationFilterView(notification));
        if (index < 0)
        {
            return null;
        }

        var filter = filters.Filters[index];
        var rule = $"{list}[{index}] {filter.Operator} {filter.Key.Text}";
        return rule.Length > MaxRuleLength ? rule[..MaxRuleLength] : rule;
    }
}
