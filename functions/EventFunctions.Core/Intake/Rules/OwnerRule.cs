using EventFunctions.Producers;

namespace EventFunctions.Intake.Rules;

/// <summary>Requires a registered source, and one of the producer that sends.</summary>
internal sealed class OwnerRule : IIntakeRule
{
    public RuleResult Apply(IntakeItem item, IntakeRequest request)
    {
        var source = item.Event.Source;

        // The same for registered and unknown sources: a key reveals nothing about other producers.
        if (request.Caller?.KeyOf is { } holder && !(holder.Owns(source) && IsOf(holder, item.Producer)))
        {
            return item.Reject(
                RefusalReason.KeyNotForSource, "source", $"The key is one of the producer \"{holder.Name}\", which does not have the source \"{source}\".");
        }

        return item.Producer switch
        {
            null => item.Reject(RefusalReason.UnknownSource, "source", $"Unknown source \"{source}\". Register a producer for it (PUT /api/producers/{{name}})."),
            var producer when !producer.Owns(source) =>
                item.Reject(RefusalReason.UnknownSource, "source", $"The producer \"{producer.Name}\" owns the source \"{producer.Source}\"."),
            _ => RuleResult.Continue,
        };
    }

    // A pattern may cover a source that another producer owns by a more specific one.
    private static bool IsOf(Producer holder, Producer? owner) => !holder.HasSourcePattern || owner is null || owner.Name == holder.Name;
}
