using EventFunctions.Runtime;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Runs timer functions, each by its own schedule in UTC and never two calls of one at once: times that pass while it runs are skipped. A
/// failed call is logged, and the schedule continues.
/// </summary>
/// <param name="functions">The functions.</param>
/// <param name="services">Where functions come from.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Told of failures.</param>
internal sealed class TimerRunner(FunctionCatalog functions, IServiceScopeFactory services, TimeProvider time, ILogger<TimerRunner> logger)
    : BackgroundService
{
    // A wait is cut into pieces: timers cannot wait for months, and clocks are set while one waits.
    private static readonly TimeSpan LongestWait = TimeSpan.FromHours(1);

    private static readonly TimeSpan PastDue = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(functions.Timers.Select(timer => RunAsync(timer, stoppingToken)));

    private async Task RunAsync(TimerFunction timer, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var due = timer.Schedule.GetNextOccurrence(Now);
                await WaitAsync(due, cancellationToken);
                await TickAsync(timer, isPastDue: Now - due > PastDue, cancellationToken);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // The host stops.
        }
    }

    private DateTime Now => time.GetUtcNow().UtcDateTime;

    private async Task WaitAsync(DateTime due, CancellationToken cancellationToken)
    {
        while (due - Now is { Ticks: > 0 } left)
        {
            await time.PauseAsync(left < LongestWait ? left : LongestWait, cancellationToken);
        }
    }

    private async Task TickAsync(TimerFunction timer, bool isPastDue, CancellationToken cancellationToken)
    {
        await using var scope = services.CreateAsyncScope();
        try
        {
            await timer.Invoke(timer.Instance(scope.ServiceProvider), new TimerInfo { IsPastDue = isPastDue }, cancellationToken);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogError(e, "{Function} failed; it runs again at its next scheduled time.", timer.Name);
        }
    }
}
