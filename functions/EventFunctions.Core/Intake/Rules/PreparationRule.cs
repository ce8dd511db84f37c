using EventFunctions.Preparation;

namespace EventFunctions.Intake.Rules;

/// <summary>Applies the producer's rules for the type: schema, entity, filters.</summary>
internal sealed class PreparationRule(EventPreparation preparation) : IIntakeRule
{
    public RuleResult Apply(IntakeItem item, IntakeRequest request)
    {
        item.Prepared = preparation.Prepare(item.Producer!, item.Event, item.Budget);
        var result = RuleResult.Continue;
        foreach (var error in item.Prepared.Errors)
        {
            item.Add(new IntakeRefusal(item.Index, RefusalReason.SchemaViolation, "data" + error.Pointer, error.Detail) { ExceededBudget = error.ExceededBudget });
            result = error.ExceededBudget || result == RuleResult.RejectRequest ? RuleResult.RejectRequest : RuleResult.RejectEvent;
        }

        return result;
    }
}
