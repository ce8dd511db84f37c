using EventFunctions.CloudEvents;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers;
using EventFunctions.Storage;

namespace EventFunctions.Intake.Feeds;

/// <summary>Takes in the events of a page: afterwards each is durable, or the reason why it was refused is.</summary>
internal sealed class FeedIntake(EachAloneIntake intake, EventRefusals refusals, IProducerRegistry producers)
{
    /// <summary>Receives events. The call can be repeated after a failure at any point.</summary>
    /// <param name="producer">The producer whose feed it is.</param>
    /// <param name="items">The events of the page.</param>
    /// <param name="keepAlive">Called between chunks.</param>
    /// <param name="cancellationToken">Ends the work between two writes.</param>
    /// <exception cref="FeedChangedException">Events were refused, and the producer was deleted or changed meanwhile.</exception>
    /// <exception cref="StoreUnavailableException">The store did not answer; some of the events may be recorded.</exception>
    internal async Task TakeAsync(Producer producer, IReadOnlyList<ReceivedItem> items, Func<Task> keepAlive, CancellationToken cancellationToken)
    {
        foreach (var chunk in items.Chunk(EachAloneIntake.ChunkSize))
        {
            await keepAlive();
            var result = await intake.TakeAsync(chunk, IntakeChannel.Feed, caller: null, Check, quota: null, cancellationToken);

            // The cursor passes what is refused, for ever.
            if (result.Refused.Count > 0 && !ReferenceEquals(await producers.FindByNameAsync(producer.Name, cancellationToken), producer))
            {
                throw new FeedChangedException(producer.Name);
            }

            await refusals.RecordAsync([.. result.Refused.Select(one => new RefusedItem(one.Item, producer.Name, one.Errors))], cancellationToken);
        }

        EventError? Check(EventNotification notification) => notification.Source == producer.Source
            ? null
            : new EventError("#/source", $"The feed of the producer \"{producer.Name}\" can only carry events of the source \"{producer.Source}\".");
    }
}
