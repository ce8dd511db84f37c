using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Storage;
using EventFunctions.Telemetry;

namespace EventFunctions.Intake.Feeds;

/// <summary>Takes in the events of a page: afterwards each is durable, or the reason why it was refused is.</summary>
public sealed class FeedIntake(EventIntake intake, FeedRefusals refusals, EventMetrics metrics)
{
    private const int ChunkSize = 200;

    /// <summary>Receives events. The call can be repeated after a failure at any point.</summary>
    /// <param name="producer">The producer whose feed it is.</param>
    /// <param name="items">The events of the page.</param>
    /// <param name="keepAlive">Called between chunks.</param>
    /// <param name="cancellationToken">Ends the work between two writes.</param>
    /// <exception cref="StoreUnavailableException">The store did not answer; some of the events may be recorded.</exception>
    internal async Task TakeAsync(Producer producer, IReadOnlyList<FeedItem> items, Func<Task> keepAlive, CancellationToken cancellationToken)
    {
        foreach (var chunk in items.Chunk(ChunkSize))
        {
            await keepAlive();
            var refused = new List<(FeedItem, IReadOnlyList<EventError>)>();
            var valid = new List<(FeedItem Item, EventNotification Event)>();
            foreach (var item in chunk)
            {
                var reading = EventReader.ReadJson(ContentMode.Structured, item.Json.Span);
                if (reading.Errors.Count > 0)
                {
                    refused.Add((item, reading.Errors));
                }
                else if (reading.Events[0].Source != producer.Source)
                {
                    refused.Add((item, [new EventError("#/source", $"The feed of the producer \"{producer.Name}\" can only carry events of the source \"{producer.Source}\".")]));
                }
                else
                {
                    valid.Add((item, reading.Events[0]));
                }
            }

            if (refused.Count > 0)
            {
                metrics.Refused(RefusalReasonName.Invalid, refused.Count);
            }

            var request = new IntakeRequest(valid.ConvertAll(one => one.Event), IntakeChannel.Feed, Mode: IntakeMode.EachAlone);
            var result = await intake.AcceptAsync(request, cancellationToken);
            refused.AddRange(ErrorsOf(result).Select(one => (valid[one.Index].Item, one.Errors)));
            await refusals.RecordAsync(producer.Name, refused, cancellationToken);
        }
    }

    private static IEnumerable<(int Index, IReadOnlyList<EventError> Errors)> ErrorsOf(IntakeResult result) =>
        result.Refusals
            .GroupBy(refusal => refusal.Index, refusal => new EventError(refusal.Attribute is null ? "#" : "#/" + refusal.Attribute, refusal.Detail))
            .Select(errors => (errors.Key, (IReadOnlyList<EventError>)[.. errors]))
            .Concat(result.Outcomes
                .Where(outcome => outcome.Verdict == IntakeVerdict.Conflict)
                .Select(outcome => (outcome.Index, (IReadOnlyList<EventError>)
                    [new EventError("#/id", "Another event with this source and id is recorded, and its content differs.")])));
}
