using System.Runtime.ExceptionServices;
using EventFunctions.Publication;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Jobs;

/// <summary>
/// Works on jobs. A job has one holder at a time, who renews its lease with each page. The events of a page are stored, with the run in
/// which they matched, before they are changed. If a holder dies, the next one repeats its page, which changes no event twice, and
/// continues.
/// </summary>
internal sealed class JobRunner(
    EventJobs jobs,
    JobWork work,
    IEventStore store,
    RepublishRate rate,
    TimeProvider time,
    IOptions<JobOptions> options,
    ILogger<JobRunner> logger)
{
    private const int MaxJobsAtOnce = 10;
    private const int MaxPage = 100;

    // Little enough that intake goes on unharmed.
    private const int MaxConcurrency = 8;

    // Longer than an attempt to enrich or deliver an event takes.
    private static readonly TimeSpan SweepAfter = TimeSpan.FromMinutes(2);

    /// <summary>Works on all jobs without a holder.</summary>
    /// <param name="budget">After which time no new page is begun.</param>
    /// <param name="cancellationToken">Ends the work; another worker goes on when the leases have run out.</param>
    /// <exception cref="StoreUnavailableException">The store could not be read or written.</exception>
    public async Task RunAsync(TimeSpan budget, CancellationToken cancellationToken)
    {
        var end = time.GetUtcNow() + budget;
        var due = await jobs.ReadDueAsync(MaxJobsAtOnce, cancellationToken);
        await Task.WhenAll(due.Select(found => WorkOnAsync(found.Job, found.ETag, end, cancellationToken)));
    }

    private async Task WorkOnAsync(EventJob job, string etag, DateTimeOffset end, CancellationToken cancellationToken)
    {
        if (job.IsOver)
        {
            await SweepAsync(job, etag, end, cancellationToken);
            return;
        }

        job = job with
        {
            State = job.State == JobState.Waiting ? JobState.Running : job.State,
            StartedAt = job.StartedAt ?? time.GetUtcNow(),
            DueAt = time.GetUtcNow() + options.Value.LeaseTime,
        };
        var held = await jobs.SaveAsync(job, etag, cancellationToken);
        while (held is not null)
        {
            job = await StepAsync(job, held, settled => GoOnAsync(settled, end, cancellationToken), cancellationToken);
            held = await jobs.SaveAsync(job, held, cancellationToken);
            if (job.IsOver && held is not null)
            {
                logger.LogInformation(
                    "Job {Id} ({Action}) is {State}: {Matched} matched, {Started} started, {Skipped} skipped, {Failed} failed.",
                    job.Id, job.Action, job.State, job.Matched, job.Started, job.Skipped, job.Failed);
            }

            if (job.IsOver || job.Pending.IsEmpty)
            {
                return;
            }
        }
    }

    // If the store fails, the events that are done are saved as such: a page that was always repeated as a whole might never end.
    private async Task<EventJob> StepAsync(EventJob job, string held, Func<EventJob, Task<EventJob>> goOn, CancellationToken cancellationToken)
    {
        (job, var unavailable) = await SettleAsync(job, cancellationToken);
        try
        {
            unavailable?.Throw();
            return await goOn(job);
        }
        catch (StoreUnavailableException)
        {
            await jobs.SaveAsync(job, held, cancellationToken);
            throw;
        }
    }

    private async Task<(EventJob Job, ExceptionDispatchInfo? Unavailable)> SettleAsync(EventJob job, CancellationToken cancellationToken)
    {
        var outcomes = new JobOutcome?[job.Pending.Length];
        ExceptionDispatchInfo? unavailable = null;
        await Parallel.ForAsync(
            0,
            outcomes.Length,
            BackgroundTask.InParallel(MaxConcurrency, cancellationToken),
            async (i, token) =>
            {
                try
                {
                    outcomes[i] = unavailable is not null ? null
                        : job.IsOver ? await work.SweepAsync(job.Pending[i], token)
                        : await work.DoAsync(job, job.Pending[i], token);
                }
                catch (StoreUnavailableException exception)
                {
                    unavailable = ExceptionDispatchInfo.Capture(exception);
                }
            });
        job = job with { Pending = [.. job.Pending.Where((_, i) => outcomes[i] is null)] };
        job = job.IsOver ? job : job with
        {
            Started = job.Started + outcomes.Count(outcome => outcome == JobOutcome.Started),
            Skipped = job.Skipped + outcomes.Count(outcome => outcome == JobOutcome.Skipped),
            Failed = job.Failed + outcomes.Count(outcome => outcome == JobOutcome.Failed),
        };
        return (job, unavailable);
    }

    private async Task<EventJob> GoOnAsync(EventJob job, DateTimeOffset end, CancellationToken cancellationToken)
    {
        job = await TakePageAsync(job, end, cancellationToken);
        return job.IsOver ? job with { Detail = await work.FinishAsync(job, cancellationToken) } : job;
    }

    // With the next page to do, given back, or over.
    private async Task<EventJob> TakePageAsync(EventJob job, DateTimeOffset end, CancellationToken cancellationToken)
    {
        if (job.State == JobState.Cancelling || job.IsRead)
        {
            return Over(job, job.State == JobState.Cancelling ? JobState.Cancelled : JobState.Completed);
        }

        var now = time.GetUtcNow();
        var startAt = job.NextAt > now ? job.NextAt.Value : now;
        if (startAt >= end)
        {
            return job with { DueAt = startAt };
        }

        await Task.Delay(startAt - now, time, cancellationToken);
        try
        {
            var page = await store.ListAsync(job.Filter.Page(Math.Min(job.Rate, MaxPage), job.Continuation, withData: false), cancellationToken);
            if (rate.Reserve(page.Items.Count) is var wait && wait > TimeSpan.Zero)
            {
                startAt += wait;
                await Task.Delay(wait, time, cancellationToken);
            }

            job = job with
            {
                Pending = [.. page.Items.Select(Item)],
                Matched = job.Matched + page.Items.Count,
                Continuation = page.Continuation,
                IsRead = page.Continuation is null,
                NextAt = startAt + TimeSpan.FromSeconds((double)page.Items.Count / job.Rate),
                DueAt = time.GetUtcNow() + options.Value.LeaseTime,
            };
        }
        catch (InvalidContinuationException)
        {
            return Over(job, JobState.Failed) with { Detail = "The store no longer has the job's position. Start another job." };
        }

        return job.Pending.IsEmpty && job.IsRead ? Over(job, JobState.Completed) : job;
    }

    private EventJob Over(EventJob job, JobState state)
    {
        var now = time.GetUtcNow();
        var sweeps = job is { Action: JobAction.Erase, Started: > 0 };
        return job with
        {
            State = state,
            FinishedAt = now,
            DueAt = sweeps ? now + SweepAfter : null,
            NextAt = null,
            Continuation = null,
            IsRead = !sweeps,
        };
    }

    // An attempt that had read an event before it was erased may have delivered it since.
    private async Task SweepAsync(EventJob job, string etag, DateTimeOffset end, CancellationToken cancellationToken)
    {
        job = job with { DueAt = time.GetUtcNow() + options.Value.LeaseTime };
        var held = await jobs.SaveAsync(job, etag, cancellationToken);
        while (held is not null && job.DueAt is not null)
        {
            var isLast = time.GetUtcNow() >= end;
            job = await StepAsync(job, held, settled => TakeSweepAsync(settled, isLast, cancellationToken), cancellationToken);
            held = await jobs.SaveAsync(job, held, cancellationToken);
            if (isLast)
            {
                return;
            }
        }
    }

    private async Task<EventJob> TakeSweepAsync(EventJob job, bool isLast, CancellationToken cancellationToken)
    {
        if (job.IsRead || isLast)
        {
            return job with { DueAt = job.IsRead ? null : time.GetUtcNow() };
        }

        try
        {
            var page = await store.ListAsync(job.Filter.Page(MaxPage, job.Continuation, withData: false), cancellationToken);
            return job with
            {
                Pending = [.. page.Items.Where(record => record.Erased).Select(Item)],
                Continuation = page.Continuation,
                IsRead = page.Continuation is null,
                DueAt = time.GetUtcNow() + options.Value.LeaseTime,
            };
        }
        catch (InvalidContinuationException)
        {
            // It begins again.
            return job with { Continuation = null };
        }
    }

    private static JobItem Item(EventRecord record) => new(record.Key.Source, record.Key.Id, record.Run, record.Producer);
}
