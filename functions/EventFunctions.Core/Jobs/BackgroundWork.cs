using EventFunctions.Runtime;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Jobs;

/// <summary>Runs work beside the request that started it. The service's end cancels it and waits for it.</summary>
/// <param name="logger">Gets what fails.</param>
public sealed class BackgroundWork(ILogger<BackgroundWork> logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _lock = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>Starts work, and returns at once.</summary>
    /// <param name="name">Names it in the log.</param>
    /// <param name="work">The work. It must stand a repeat, because the process may end before it does.</param>
    public void Start(string name, Func<CancellationToken, Task> work)
    {
        lock (_lock)
        {
            if (_end.IsCancellationRequested)
            {
                return;
            }

            _running.RemoveWhere(task => task.IsCompleted);
            _running.Add(BackgroundTask.Start(() => RunAsync(name, work)));
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            if (_end.IsCancellationRequested)
            {
                return;
            }

            _end.Cancel();
        }

        await WhenIdleAsync();
        _end.Dispose();
    }

    /// <summary>Waits for the work that was started so far.</summary>
    internal Task WhenIdleAsync()
    {
        lock (_lock)
        {
            return Task.WhenAll(_running);
        }
    }

    private async Task RunAsync(string name, Func<CancellationToken, Task> work)
    {
        try
        {
            await work(_end.Token);
        }
        catch (OperationCanceledException) when (_end.IsCancellationRequested)
        {
        }
        catch (Exception e)
        {
            logger.LogError(e, "{Work} failed. The next tick does the rest.", name);
        }
    }
}
