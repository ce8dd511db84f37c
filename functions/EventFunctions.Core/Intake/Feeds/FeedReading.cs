using EventFunctions.Intake.Quotas;
using EventFunctions.Producers;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using NCrontab;

namespace EventFunctions.Intake.Feeds;

/// <summary>What the readings of one tick share.</summary>
internal sealed record FeedTick(
    IProducerRegistry Producers,
    IDocumentStore Store,
    IFeedClient Client,
    FeedIntake Intake,
    ProducerQuotas Quotas,
    FeedsOptions Options,
    TimeProvider Time,
    Gate Turns,
    string Holder,
    DateTimeOffset End);

/// <summary>The producer was deleted or its feed changed since the tick began; nothing more of the feed as it was is read or taken in.</summary>
internal sealed class FeedChangedException(string producer)
    : Exception($"The feed of the producer {producer} was changed or removed; the next tick uses the new definition.");

/// <summary>Reads one feed during one tick: whenever it is due, under its lease, page by page until nothing is new.</summary>
internal sealed class FeedReading(FeedTick tick, Producer producer)
{
    private const int MaxErrorLength = 500;

    // An answer that comes at the last moment must still get through.
    private static readonly TimeSpan LongPollMargin = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan MaxPause = TimeSpan.FromHours(1);

    private static readonly TimeSpan ReleaseBudget = TimeSpan.FromSeconds(5);

    private readonly CrontabSchedule _schedule = CrontabSchedule.Parse(producer.Feed!.Schedule, new() { IncludingSeconds = true });

    /// <summary>Reads the feed until the tick's end leaves no time for its next due date.</summary>
    /// <exception cref="FeedLeaseLostException">Another instance reads the feed now; the cursor has not moved since.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot answer; what is not known to be durable will be read again.</exception>
    /// <exception cref="FeedPageException">A page failed, which is noted.</exception>
    /// <exception cref="FeedChangedException">The producer is not what it was when the tick began.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (tick.Time.GetUtcNow() is var now && now < tick.End)
        {
            var (state, etag) = await FeedLease.FindAsync(tick.Store, producer.Name, producer.Feed!.Url, cancellationToken);
            var due = state.DueAt(_schedule, now);
            var free = state.Holder is null || state.HeldUntil is not { } until ? due : until > due ? until : due;
            if (free >= tick.End)
            {
                return;
            }

            if (free > now)
            {
                await tick.Time.PauseAsync(free - now, cancellationToken);
            }
            else if (await FeedLease.TakeAsync(tick.Store, producer.Name, tick.Holder, tick.Options, tick.Time, state, etag, cancellationToken) is { } lease)
            {
                await ReadAsync(lease, cancellationToken);
            }
        }
    }

    private async Task ReadAsync(FeedLease lease, CancellationToken cancellationToken)
    {
        try
        {
            var isAtEnd = await ReadPagesAsync(lease, cancellationToken);
            await lease.ReleaseAsync(
                lease.State with
                {
                    ReadAt = tick.Time.GetUtcNow(),
                    HasMore = !isAtEnd,
                    Failures = 0,
                    RetryAt = null,
                    Error = null,
                    PausedUntil = isAtEnd ? null : PausedUntil(),
                },
                cancellationToken);
        }
        catch (Exception e) when (e is FetchException or FeedPageException)
        {
            var message = e is FetchException { Reason: FailureReason.TooLarge }
                ? $"A page has more than {tick.Options.MaxPageBytes} bytes. Return fewer events per page, or raise Feeds:MaxPageBytes."
                : e.Message;
            var failures = lease.State.Failures + 1;
            var now = tick.Time.GetUtcNow();
            var retryAt = now + tick.Options.DelayAfter(failures);

            // A feed that asks for a pause gets it, but cannot put itself off for ever.
            if (e is FetchException { RetryAt: { } asked } && asked > retryAt)
            {
                retryAt = asked < now + MaxPause ? asked : now + MaxPause;
            }

            await lease.ReleaseAsync(
                lease.State with
                {
                    Failures = failures,
                    RetryAt = retryAt,
                    Error = message.Length > MaxErrorLength ? message[..MaxErrorLength] : message,
                },
                cancellationToken);
            throw new FeedPageException(message, e);
        }
        catch (Exception e) when (e is not FeedLeaseLostException)
        {
            await TryReleaseAsync(lease);
            throw;
        }
    }

    // True where nothing is new, false where the tick is over or the producer's quota used up.
    private async Task<bool> ReadPagesAsync(FeedLease lease, CancellationToken cancellationToken)
    {
        if (producer.Feed!.Format != FeedFormat.Json)
        {
            return await new SyndicationReading(tick, producer, lease, () => KeepAsync(lease, cancellationToken), () => PausedUntil() is not null).RunAsync(cancellationToken);
        }

        var seen = new HashSet<string>(StringComparer.Ordinal) { lease.State.LastEventId ?? "" };
        TimeSpan? wait = null;
        while (PausedUntil() is null)
        {
            bool isEmpty;
            if (wait is null)
            {
                isEmpty = await InTurnAsync(async () => await TakeAsync(lease, await FetchAsync(lease, null, cancellationToken), seen, cancellationToken), cancellationToken);
            }
            else
            {
                // Whoever only waits takes no turn from others.
                var answer = await FetchAsync(lease, wait, cancellationToken);
                isEmpty = await InTurnAsync(() => TakeAsync(lease, answer with { ETag = lease.State.ETag }, seen, cancellationToken), cancellationToken);
            }

            if (isEmpty && (wait is not null || (wait = LongPoll()) is null))
            {
                return true;
            }

            wait = isEmpty ? wait : null;
            if (tick.Time.GetUtcNow() >= tick.End)
            {
                return isEmpty;
            }
        }

        return false;
    }

    private DateTimeOffset? PausedUntil() =>
        tick.Quotas.WaitOf(producer) is var wait && wait > TimeSpan.Zero ? tick.Time.GetUtcNow() + wait : null;

    // Where the feed is due again within this tick, it may as well be asked to wait until then.
    private TimeSpan? LongPoll()
    {
        var now = tick.Time.GetUtcNow();
        var next = new DateTimeOffset(_schedule.GetNextOccurrence(now.UtcDateTime), TimeSpan.Zero);
        var longest = new[] { next - now, tick.Options.LongPoll, producer.Data!.Timeout - LongPollMargin }.Min();
        return next < tick.End && longest >= LongPollMargin ? longest : null;
    }

    private async Task<FeedResponse> FetchAsync(FeedLease lease, TimeSpan? wait, CancellationToken cancellationToken)
    {
        await KeepAsync(lease, cancellationToken);
        var url = FeedUrl.Of(producer.Feed!.Url, lease.State.LastEventId, wait);
        return await tick.Client.ReadAsync(
            producer,
            DataLocation.Resolve(producer.Data!.BaseUrl, producer.Data.BaseUrl, url),
            wait is null ? lease.State.ETag : null,
            tick.Options.MaxPageBytes,
            cancellationToken);
    }

    // First all that the page holds, then the cursor: a crash between the two only reads the page again. True where nothing is new.
    private async Task<bool> TakeAsync(FeedLease lease, FeedResponse answer, HashSet<string> seen, CancellationToken cancellationToken)
    {
        var page = answer.Body is null ? null : FeedPage.Read(answer, producer.Feed!);
        page = producer.Feed!.IncludesLast ? page?.Behind(lease.State.LastEventId) : page;
        if (page is null or { Items.Count: 0 })
        {
            await lease.KeepAsync(cancellationToken);
            var at = answer.LastEventId ?? lease.State.LastEventId;
            var etag = at == lease.State.LastEventId ? answer.ETag ?? lease.State.ETag : null;
            if ((at, etag) != (lease.State.LastEventId, lease.State.ETag))
            {
                await lease.AdvanceAsync(lease.State with { LastEventId = at, ETag = etag }, cancellationToken);
            }

            return true;
        }

        tick.Quotas.Charge(producer, page.Items.Count);
        await tick.Intake.TakeAsync(producer, page.Items, () => KeepAsync(lease, cancellationToken), cancellationToken);
        if ((answer.LastEventId ?? page.LastId) is not { } last)
        {
            throw new FeedPageException("No event of the page has an ID, so the feed cannot advance.");
        }

        if (!seen.Add(last))
        {
            throw new FeedPageException(
                $"The feed does not advance: the page after \"{lease.State.LastEventId}\" ends with an event that was already read, \"{last}\". "
                + "A feed must return the events after lastEventId.");
        }

        await lease.AdvanceAsync(
            lease.State with { LastEventId = last, ETag = null, Failures = 0, RetryAt = null, Error = null }, cancellationToken);
        return false;
    }

    // A tick may be long, and whose feed this was may be gone, or have lost its source to another.
    private async Task KeepAsync(FeedLease lease, CancellationToken cancellationToken)
    {
        await lease.KeepAsync(cancellationToken);
        var now = await tick.Producers.FindByNameAsync(producer.Name, cancellationToken);
        if (!ReferenceEquals(now, producer) && (now is null || now.Source != producer.Source || now.Feed != producer.Feed || now.Data != producer.Data))
        {
            throw new FeedChangedException(producer.Name);
        }
    }

    private async Task<bool> InTurnAsync(Func<Task<bool>> work, CancellationToken cancellationToken)
    {
        await tick.Turns.EnterAsync(cancellationToken);
        try
        {
            return await work();
        }
        finally
        {
            tick.Turns.Leave();
        }
    }

    // The lease would run out by itself; this is for whoever is next.
    private async Task TryReleaseAsync(FeedLease lease)
    {
        try
        {
            using var budget = new CancellationTokenSource(ReleaseBudget, tick.Time);
            await lease.ReleaseAsync(lease.State with { HasMore = true }, budget.Token);
        }
        catch (Exception e) when (e is StoreUnavailableException or FeedLeaseLostException or OperationCanceledException)
        {
            // It runs out by itself.
        }
    }
}
