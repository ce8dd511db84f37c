namespace EventFunctions.Intake.Rules;

/// <summary>Requires one of the producer's callers if it names any. The service reads feeds itself.</summary>
internal sealed class CallerRule : IIntakeRule
{
    public RuleResult Apply(IntakeItem item, IntakeRequest request)
    {
        var producer = item.Producer!;
        if (request.Channel is IntakeChannel.Feed or IntakeChannel.DryRun || producer.Callers.Count == 0
            || (request.Caller?.ObjectId is { } id && producer.Callers.Contains(id)))
        {
            return RuleResult.Continue;
        }

        var remedy = request.Caller is { IsKnown: true }
            ? "Send the token of one of them."
            : "This host cannot see who calls, because App Service authentication is off. Turn it on.";
        return item.Reject(RefusalReason.CallerNotAllowed, "source", $"Only its callers can post events of the producer \"{producer.Name}\". {remedy}");
    }
}
