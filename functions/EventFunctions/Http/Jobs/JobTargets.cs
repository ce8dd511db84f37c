using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>
/// Checks the names in a job, because a misspelt one would end as a job that matches nothing. Events of a deleted producer can still be
/// named.
/// </summary>
public sealed class JobTargets(IProducerRegistry producers, IEventStore store)
{
    /// <summary>Returns the response to an erasure whose source has neither a producer nor an event; null if it can start.</summary>
    /// <param name="order">The erasure.</param>
    /// <param name="cancellationToken">Cancels the lookup.</param>
    internal async Task<IResult?> CheckErasureAsync(JobOrder order, CancellationToken cancellationToken)
    {
        var source = order.Filter.Source!;
        var isPattern = SourcePattern.Is(source);
        if ((!isPattern && await producers.FindBySourceAsync(source, cancellationToken) is not null)
            || await IsRecordedAsync(new EventFilter { Source = source }, cancellationToken))
        {
            return null;
        }

        return JobRequest.Invalid([new EventError("#/source", isPattern
            ? $"\"{source}\" is a pattern, and no event has it as its source. Erase by the source of the events, one erasure for each source."
            : $"No producer owns the source \"{source}\", and no event of it is recorded. Use the source of the events.")]);
    }

    /// <summary>Returns the response to a job for failures of a producer or reason that is unknown; null if it can start.</summary>
    /// <param name="order">The job.</param>
    /// <param name="cancellationToken">Cancels the lookup.</param>
    internal async Task<IResult?> CheckFailuresAsync(JobOrder order, CancellationToken cancellationToken)
    {
        var (producer, reason) = (order.Filter.Producer!, order.Filter.Reason!);
        var failures = new EventFilter { Status = EventStatus.Failure };
        var errors = new List<EventError>();
        if (await producers.FindByNameAsync(producer, cancellationToken) is null
            && !await IsRecordedAsync(failures with { Producer = producer }, cancellationToken))
        {
            errors.Add(new EventError("#/producer", $"No producer is called \"{producer}\", and no failed event is recorded for it. GET /api/failures lists the groups of failures."));
        }

        if (!FailureReason.All.Contains(reason, StringComparer.Ordinal) && !await IsRecordedAsync(failures with { Reason = reason }, cancellationToken))
        {
            errors.Add(new EventError(
                "#/reason",
                $"No failed event has the reason \"{reason}\". Use the reason of a group of GET /api/failures: {string.Join(", ", FailureReason.All)}, or a dead letter's."));
        }

        return errors.Count == 0 ? null : JobRequest.Invalid(errors);
    }

    private async Task<bool> IsRecordedAsync(EventFilter filter, CancellationToken cancellationToken)
    {
        EventPage page;
        string? continuation = null;
        do
        {
            page = await store.ListAsync(filter.Page(1, continuation, withData: false), cancellationToken);
            continuation = page.Continuation;
        }
        while (page.Items.Count == 0 && continuation is not null);
        return page.Items.Count > 0;
    }
}
