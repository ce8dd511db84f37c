using System.Globalization;
using EventFunctions.Publication;

namespace EventFunctions.Intake.Rules;

/// <summary>Rejects what Event Grid would reject for its size.</summary>
internal sealed class SizeRule : IIntakeRule
{
    public RuleResult Apply(IntakeItem item, IntakeRequest request) =>
        EventEncoder.Fits(item.Encoded)
            ? RuleResult.Continue
            : item.Reject(RefusalReason.TooLarge, null, string.Create(
                CultureInfo.InvariantCulture,
                $"The event has {item.Encoded.Length:N0} bytes when published; Event Grid takes no more than {IEventPublisher.MaxBytes:N0}."));
}
