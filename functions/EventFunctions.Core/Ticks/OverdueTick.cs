using EventFunctions.Jobs;
using EventFunctions.Storage;

namespace EventFunctions.Ticks;

/// <summary>
/// Runs a tick on an instance that has other work, if the timer has not started one for minutes. So a timer that died delays due work,
/// but does not stop it.
/// </summary>
public sealed class OverdueTick(ServiceTick tick, TickLog log, TickSchedule schedule, BackgroundWork background, TimeProvider time)
{
    /// <summary>How late a tick is before another instance runs it.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(2);

    // A store that does not answer is not asked again with every request.
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(30);

    private long _lookAfter;

    /// <summary>Starts an overdue tick in the background. Costs nothing while this instance knows of a recent one.</summary>
    public void Check()
    {
        if (log.LastSeen is { } last && !IsDue(last))
        {
            return;
        }

        var now = time.GetUtcNow();
        var lookAfter = Volatile.Read(ref _lookAfter);
        if (now.Ticks >= lookAfter && Interlocked.CompareExchange(ref _lookAfter, (now + LookEvery).Ticks, lookAfter) == lookAfter)
        {
            background.Start("An overdue tick", RunAsync);
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        if (await log.TryClaimAsync(IsDue, cancellationToken))
        {
            await tick.RunAsync(cancellationToken);
        }
    }

    private bool IsDue(DateTimeOffset last) => schedule.Overdue(last, time.GetUtcNow()) > Tolerance;
}
