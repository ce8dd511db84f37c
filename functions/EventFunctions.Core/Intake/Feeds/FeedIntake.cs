using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Storage;
using EventFunctions.Telemetry;

namespace EventFunctions.Intake.Feeds;

/// <summary>Takes in the events of a page: afterwards each is durable, or it is durable why it was refused.</summary>
public sealed class FeedIntake(EventIntake intake, FeedRefusals refusals, EventMetrics? metrics = null)
{
    private const int ChunkSize = 200;

    /// <summary>Takes events in. It may be repeated, whatever of it was done before.</summary>
    /// <param name="producer">Whose feed it is.</param>
    /// <param name="items">The events of the page.</param>
    /// <param name="keepAlive">Is called between parts.</param>
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
                    refused.Add((item, [new EventError("#/source", $"The feed of the producer \"{producer.Name}\" may bring events of its own source only.")]));
                }
                else
                {
                    valid.Add((item, reading.Events[0]));
                }
            }

            refused.ForEach(_ => metrics?.Refused(RefusalReasonName.Invalid));
            await AcceptAsync(valid, refused, cancellationToken);
            await refusals.RecordAsync(producer.Name, refused, cancellationToken);
        }
    }

    // Intake refuses events together; so those at fault are set aside, and the others offered again.
    private async Task AcceptAsync(
        List<(FeedItem Item, EventNotification Event)> valid, List<(FeedItem, IReadOnlyList<EventError>)> refused, CancellationToken cancellationToken)
    {
        while (valid.Count > 0)
        {
            var result = await intake.AcceptAsync(valid.ConvertAll(one => one.Event), cancellationToken, IntakeChannel.Feed);
            if (result.Refusals.Count == 0)
            {
                refused.AddRange(result.Outcomes.Index()
                    .Where(outcome => outcome.Item.Verdict == IntakeVerdict.Conflict)
                    .Select(outcome => (valid[outcome.Index].Item, (IReadOnlyList<EventError>)
                        [new EventError("#/id", "There is another event with this source and id, and its content differs.")])));
                return;
            }

            var atFault = result.Refusals.ToLookup(refusal => refusal.Index);
            refused.AddRange(atFault.Select(faults => (valid[faults.Key].Item, (IReadOnlyList<EventError>)
                [.. faults.Select(fault => new EventError(fault.Attribute is null ? "#" : "#/" + fault.Attribute, fault.Detail))])));
            valid = [.. valid.Where((_, index) => !atFault.Contains(index))];
        }
    }
}
