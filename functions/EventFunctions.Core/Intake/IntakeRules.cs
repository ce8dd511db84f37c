using EventFunctions.Intake.Rules;
using EventFunctions.Preparation;
using EventFunctions.Producers;

namespace EventFunctions.Intake;

/// <summary>Lists the rules of intake in the order in which they are applied.</summary>
/// <param name="preparation">Applies the rules of a producer's definition.</param>
/// <param name="addresses">Where full data may be fetched from.</param>
public sealed class IntakeRules(EventPreparation preparation, IDataAddresses addresses)
{
    // Whether the producer may send this at all. The quota is charged behind these rules.
    private readonly IIntakeRule[] _admission = [new OwnerRule(), new KeyRule(), new CallerRule(), new AllowedTypeRule()];

    private readonly IIntakeRule[] _content = [new SizeRule(), new PreparationRule(preparation), new DataReferenceRule(addresses)];

    /// <summary>Applies the rules that cost nothing.</summary>
    internal void Admit(IntakeItem item, IntakeRequest request) => Apply(_admission, item, request);

    /// <summary>Applies the rules that look at the event's content.</summary>
    internal RuleResult Check(IntakeItem item, IntakeRequest request) => Apply(_content, item, request);

    /// <summary>Applies every rule, even after one that rejects the event.</summary>
    internal void ApplyAll(IntakeItem item, IntakeRequest request)
    {
        foreach (var rule in _admission.Concat(_content))
        {
            rule.Apply(item, request);
        }
    }

    private static RuleResult Apply(IIntakeRule[] rules, IntakeItem item, IntakeRequest request)
    {
        foreach (var rule in rules)
        {
            if (rule.Apply(item, request) is var result && result != RuleResult.Continue)
            {
                return result;
            }
        }

        return RuleResult.Continue;
    }
}
