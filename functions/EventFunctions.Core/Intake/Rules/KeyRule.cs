namespace EventFunctions.Intake.Rules;

/// <summary>Requires a key of the producer if it has any. Messages are verified by their signature instead.</summary>
internal sealed class KeyRule : IIntakeRule
{
    public RuleResult Apply(IntakeItem item, IntakeRequest request) =>
        request.Channel is IntakeChannel.Post or IntakeChannel.EventGrid && item.RequiresKey && request.Caller?.KeyOf?.Name != item.Producer!.Name
            ? item.Reject(RefusalReason.KeyMissing, "source", $"Events of the producer \"{item.Producer.Name}\" need one of its keys. Send it in x-producer-key.")
            : RuleResult.Continue;
}
