using System.Collections.Concurrent;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Ticks;

/// <summary>
/// Does everything that is due. Its parts run at the same time; each has its own budget, and one that fails or hangs stops no other.
/// </summary>
/// <param name="parts">The parts.</param>
/// <param name="log">Records that the tick began.</param>
/// <param name="metrics">Counts the runs of each part.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Gets what fails.</param>
/// <param name="flush">Exports the metrics at the end; null leaves them to their exporter.</param>
public sealed class ServiceTick(
    IEnumerable<TickPart> parts, TickLog log, EventMetrics metrics, TimeProvider time, ILogger<ServiceTick> logger, IMetricsFlush? flush = null)
{
    // A part whose budget is over may still record what it has done.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(3);

    private readonly ConcurrentDictionary<string, bool> _running = new(StringComparer.Ordinal);

    /// <summary>Runs all parts. A part whose last run has not ended is left out.</summary>
    /// <param name="cancellationToken">Ends the parts.</param>
    /// <returns>The result of each part.</returns>
    public async Task<IReadOnlyList<TickResult>> RunAsync(CancellationToken cancellationToken)
    {
        var recorded = RecordAsync(cancellationToken);
        var results = await Task.WhenAll(parts.Select(part => RunAsync(part, cancellationToken)));
        await recorded;
        if (flush is not null)
        {
            await flush.FlushAsync(cancellationToken);
        }

        return results;
    }

    private async Task RecordAsync(CancellationToken cancellationToken)
    {
        try
        {
            await log.RecordAsync(cancellationToken);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            logger.LogWarning("Could not record the time of this tick. Other instances may run another one: {Reason}", e.Message);
        }
    }

    private async Task<TickResult> RunAsync(TickPart part, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        if (!_running.TryAdd(part.Name, true))
        {
            logger.LogInformation("The part {Part} of the tick was left out: its last run has not ended.", part.Name);
            return new(part.Name, TickOutcome.Running, TimeSpan.Zero);
        }

        var work = WorkAsync(part, cancellationToken);
        var (outcome, detail) = (TickOutcome.Completed, default(string));
        try
        {
            await work.WaitAsync(part.Budget + Grace, time, CancellationToken.None);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception e) when (e is OperationCanceledException || !work.IsCompleted)
        {
            (outcome, detail) = (TickOutcome.Overran, $"It was stopped at the end of its budget of {part.Budget}.");
            logger.LogError(e, "The part {Part} of the tick was stopped at the end of its budget of {Budget}.", part.Name, part.Budget);
        }
        catch (Exception e)
        {
            (outcome, detail) = (TickOutcome.Failed, e.Message);
            logger.LogError(e, "The part {Part} of the tick failed. It runs again with the next tick.", part.Name);
        }

        metrics.TickRan(part.Name, TickResult.NameOf(outcome));
        return new(part.Name, outcome, time.GetElapsedTime(start), detail);
    }

    // As a task of its own, because a part may block before its first await.
    private Task WorkAsync(TickPart part, CancellationToken cancellationToken) => BackgroundTask.Start(
        async () =>
        {
            try
            {
                using var budget = new CancellationTokenSource(part.Budget, time);
                using var end = CancellationTokenSource.CreateLinkedTokenSource(budget.Token, cancellationToken);
                await part.RunAsync(end.Token);
            }
            finally
            {
                _running.TryRemove(part.Name, out _);
            }
        });
}
