using EventFunctions.CloudEvents;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Rules;

/// <summary>Rejects an event whose full data can never be fetched: its enrichment would fail, and the sender would not learn of it.</summary>
internal sealed class DataReferenceRule(IDataAddresses addresses) : IIntakeRule
{
    public RuleResult Apply(IntakeItem item, IntakeRequest request)
    {
        if (item is not { Producer: { } producer, Prepared.WouldEnrich: true })
        {
            return RuleResult.Continue;
        }

        try
        {
            var place = DataLocation.Find(producer, DeliveredEvent.Of(item.Event));
            return place is null && item.Event.Data is null
                    ? item.Reject(RefusalReason.DataReference, "data", $"The event has neither data nor a dataref, and the producer \"{producer.Name}\" has no data.template. Send data, or add the template to its definition.")
                : place is not null && addresses.Refusal(place) is { } refusal ? item.Reject(RefusalReason.DataReference, AttributeOf(item.Event), refusal)
                : RuleResult.Continue;
        }
        catch (FetchException e)
        {
            return item.Reject(RefusalReason.DataReference, AttributeOf(item.Event), e.Message);
        }
    }

    // A template takes what it lacks, or what leads outside, from the subject.
    private static string AttributeOf(EventNotification notification) => notification.DataRef is null ? "subject" : "dataref";
}
