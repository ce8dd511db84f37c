using EventFunctions.CloudEvents;
using EventFunctions.Intake.Quotas;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Telemetry;

namespace EventFunctions.Intake.Refusals;

/// <summary>Takes in events of which each stands alone.</summary>
public sealed class EachAloneIntake(EventIntake intake, EventMetrics metrics, RefusalLog log)
{
    /// <summary>How many events are taken in at once.</summary>
    internal const int ChunkSize = 200;

    /// <summary>Records the valid events, and returns why the others are refused. The call can be repeated after a failure at any point.</summary>
    /// <param name="items">The events.</param>
    /// <param name="channel">How they came.</param>
    /// <param name="caller">The sender; null if the channel has none.</param>
    /// <param name="check">What else is wrong with a valid event; null if nothing is.</param>
    /// <param name="quota">Which events have to wait: they are neither recorded nor refused. Null if the channel keeps to the quota itself.</param>
    /// <param name="cancellationToken">Ends the call only before anything is written.</param>
    /// <exception cref="StoreUnavailableException">The store did not answer; some of the events may be recorded.</exception>
    internal async Task<EachAloneResult> TakeAsync(
        IReadOnlyList<ReceivedItem> items, IntakeChannel channel, IntakeCaller? caller, Func<EventNotification, EventError?> check, DeliveryQuota? quota, CancellationToken cancellationToken)
    {
        var refused = new List<(ReceivedItem Item, IReadOnlyList<EventError> Errors, RefusalReason? Reason)>();
        var valid = new List<(ReceivedItem Item, EventNotification Event)>();
        foreach (var item in items)
        {
            var reading = EventReader.ReadJson(ContentMode.Structured, item.Json.Span);
            if (reading.Errors.Count > 0)
            {
                refused.Add((item, reading.Errors, null));
            }
            else if (check(reading.Events[0]) is { } wrong)
            {
                refused.Add((item, [wrong], null));
            }
            else
            {
                valid.Add((item, reading.Events[0]));
            }
        }

        if (refused.Count > 0)
        {
            metrics.Refused(RefusalReasonName.Invalid, refused.Count);
            refused.ForEach(one => log.Record($"an event ({RefusalReasonName.Invalid})", one.Errors[0].Detail));
        }

        var request = new IntakeRequest(valid.ConvertAll(one => one.Event), channel, caller, IntakeMode.EachAlone) { Quota = quota };
        var result = await intake.AcceptAsync(request, cancellationToken);
        refused.AddRange(result.Refusals.GroupBy(refusal => refusal.Index).Select(errors => (
            valid[errors.Key].Item,
            (IReadOnlyList<EventError>)[.. errors.Select(error => new EventError(error.Attribute is null ? "#" : "#/" + error.Attribute, error.Detail))],
            (RefusalReason?)errors.Min(error => error.Reason))));
        refused.AddRange(result.Outcomes.Where(outcome => outcome.Verdict == IntakeVerdict.Conflict).Select(outcome => (
            valid[outcome.Index].Item,
            (IReadOnlyList<EventError>)[new EventError("#/id", "Another event with this source and id is recorded, and its content differs.")],
            (RefusalReason?)null)));
        return new EachAloneResult([.. result.Outcomes.Where(outcome => outcome.Verdict != IntakeVerdict.Conflict)], refused);
    }
}

/// <summary>Describes the results of events of which each stands alone.</summary>
/// <param name="Outcomes">The events that are durable.</param>
/// <param name="Refused">The others, what is wrong with them, and the kind of reason if a rule rejected them.</param>
internal sealed record EachAloneResult(IReadOnlyList<IntakeOutcome> Outcomes, IReadOnlyList<(ReceivedItem Item, IReadOnlyList<EventError> Errors, RefusalReason? Reason)> Refused);
