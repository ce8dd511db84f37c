using System.Text.Json;
using EventFunctions.Filters;
using EventFunctions.Intake.Quotas;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers;
using EventFunctions.Storage;

namespace EventFunctions.Intake.EventGrid;

/// <summary>
/// Takes in what an Event Grid subscription delivers. Event Grid drops or dead-letters all events of a request that gets a 4xx, so a refused
/// event does not refuse its neighbours: it is kept for operators. What an operator can mend is not kept, because Event Grid sends it again.
/// </summary>
public sealed class EventGridIntake(EachAloneIntake intake, EventRefusals refusals, IProducerRegistry producers, ProducerQuotas quotas)
{
    /// <summary>The most events that a subscription sends together.</summary>
    public const int MaxBatch = 5_000;

    /// <summary>Takes in the events of one delivery.</summary>
    /// <param name="isBatch">Whether the body is an array of events.</param>
    /// <param name="body">The body, which must not change before the call returns.</param>
    /// <param name="caller">The sender.</param>
    /// <param name="cancellationToken">Ends the work between two chunks.</param>
    /// <returns>What became of the events; or why the body is no delivery.</returns>
    /// <exception cref="StoreUnavailableException">The store did not answer; some of the events may be recorded.</exception>
    public async Task<(EventGridReceipt? Receipt, string? Invalid)> TakeAsync(
        bool isBatch, ReadOnlyMemory<byte> body, IntakeCaller caller, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(caller);
        List<ReceivedItem>? items;
        try
        {
            items = isBatch ? ReceivedItem.Split(body) : [ReceivedItem.Of(body)];
        }
        catch (JsonException e)
        {
            return (null, JsonFault.Explain(body.Span, e));
        }

        if (items is null or { Count: > MaxBatch })
        {
            return (null, $"A batch must be an array of at most {MaxBatch} events.");
        }

        var quota = new DeliveryQuota(quotas);
        var receipt = new EventGridReceipt(0, 0, 0);
        foreach (var chunk in items.Chunk(EachAloneIntake.ChunkSize))
        {
            receipt = await TakeAsync(receipt, chunk, caller, quota, cancellationToken);
        }

        return (receipt with { Excess = quota.Excess }, null);
    }

    private async Task<EventGridReceipt> TakeAsync(
        EventGridReceipt receipt, ReceivedItem[] chunk, IntakeCaller caller, DeliveryQuota quota, CancellationToken cancellationToken)
    {
        var result = await intake.TakeAsync(chunk, IntakeChannel.EventGrid, caller, _ => null, quota, cancellationToken);
        var kept = new List<RefusedItem>();
        var unauthorized = receipt.Unauthorized;
        foreach (var (item, errors, reason) in result.Refused)
        {
            var owner = await OwnerOfAsync(item, cancellationToken);
            if (reason is RefusalReason.KeyNotForSource or RefusalReason.KeyMissing or RefusalReason.CallerNotAllowed)
            {
                unauthorized ??= errors[0].Detail;
            }
            else if (owner is not null && owner.Name != caller.KeyOf?.Name && (caller.KeyOf is not null || await producers.RequiresKeyAsync(owner.Name, cancellationToken)))
            {
                // A stranger writes nothing into the producer's list.
                unauthorized ??= $"Events of the producer \"{owner.Name}\" need one of its keys. Send it in x-producer-key.";
            }
            else if (reason == RefusalReason.UnknownSource && owner is not null)
            {
                // It was registered just now. What is kept as refused never comes again.
                throw new StoreUnavailableException($"The registry of producers has just changed: \"{owner.Name}\" is new.");
            }
            else
            {
                kept.Add(new RefusedItem(item, (owner ?? caller.KeyOf)?.Name, errors, reason));
            }
        }

        var others = await refusals.RecordAsync(kept, cancellationToken);
        var recorded = result.Outcomes.Count(outcome => outcome.Verdict == IntakeVerdict.Accepted);
        return receipt with
        {
            Recorded = receipt.Recorded + recorded,
            Duplicates = receipt.Duplicates + result.Outcomes.Count - recorded,
            Refused = receipt.Refused + kept.Count,
            Unauthorized = unauthorized,
            IsListFull = receipt.IsListFull || others.Any(one => one.Reason == RefusalReason.UnknownSource),
        };
    }

    private async ValueTask<Producer?> OwnerOfAsync(ReceivedItem item, CancellationToken cancellationToken) =>
        item.Source is { } source ? await producers.FindBySourceAsync(source, cancellationToken) : null;
}
