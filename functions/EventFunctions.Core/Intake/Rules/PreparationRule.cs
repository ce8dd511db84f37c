using EventFunctions.CloudEvents;
using EventFunctions.Preparation;

namespace EventFunctions.Intake.Rules;

/// <summary>Applies the producer's rules for the type: schema, entity, filters.</summary>
internal sealed class PreparationRule(EventPreparation preparation) : IIntakeRule
{
    public RuleResult Apply(IntakeItem item, IntakeRequest request)
    {
        item.Prepared = preparation.Prepare(item.Producer!, item.Event, item.Budget);
        if (request.Channel == IntakeChannel.Feed && IsDeletion(item.Event))
        {
            // It has no data, and there is nothing left to fetch.
            item.Prepared = item.Prepared with { Errors = [], Deletion = true, NotEnrichedBy = PreparedEvent.DeletionRule };
        }

        var result = RuleResult.Continue;
        foreach (var error in item.Prepared.Errors)
        {
            item.Add(new IntakeRefusal(item.Index, RefusalReason.SchemaViolation, "data" + error.Pointer, error.Detail) { ExceededBudget = error.ExceededBudget });
            result = error.ExceededBudget || result == RuleResult.RejectRequest ? RuleResult.RejectRequest : RuleResult.RejectEvent;
        }

        return result;
    }

    // As HTTP Feeds (http-feeds.org) writes it; elsewhere the attribute may mean anything.
    private static bool IsDeletion(EventNotification notification) => notification.Extensions.TryGetValue("method", out var method) && method.Value == "DELETE";
}
