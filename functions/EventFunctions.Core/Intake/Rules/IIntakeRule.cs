namespace EventFunctions.Intake.Rules;

/// <summary>Decides about one event, without side effects: intake and the dry run apply the same rules.</summary>
internal interface IIntakeRule
{
    RuleResult Apply(IntakeItem item, IntakeRequest request);
}
