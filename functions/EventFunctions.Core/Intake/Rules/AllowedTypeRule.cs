namespace EventFunctions.Intake.Rules;

/// <summary>Requires a registered type if the producer registers types.</summary>
internal sealed class AllowedTypeRule : IIntakeRule
{
    public RuleResult Apply(IntakeItem item, IntakeRequest request) =>
        item.Producer is { Types.Count: > 0 } producer && !producer.Types.ContainsKey(item.Event.Type)
            ? item.Reject(RefusalReason.TypeNotAllowed, "type", $"Unknown type \"{item.Event.Type}\". Add it to the types of the producer \"{producer.Name}\" (PUT /api/producers/{producer.Name}).")
            : RuleResult.Continue;
}
