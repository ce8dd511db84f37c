namespace EventFunctions.Intake.Rules;

/// <summary>Requires a registered type if the producer registers types.</summary>
internal sealed class AllowedTypeRule : IIntakeRule
{
    public RuleResult Apply(IntakeItem item, IntakeRequest request) =>
        item.Producer is { Types.Count: > 0 } producer && !producer.Types.ContainsKey(item.Event.Type)
            ? item.Reject(RefusalReason.TypeNotAllowed, "type", $"The producer \"{producer.Name}\" may not send the type \"{item.Event.Type}\".")
            : RuleResult.Continue;
}
