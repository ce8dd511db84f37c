using EventFunctions.Storage;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.Hosting;

/// <summary>Runs functions for the messages of their queues, several at once.</summary>
/// <param name="functions">The functions.</param>
/// <param name="queues">Where messages are claimed.</param>
/// <param name="settings">How many, and how often.</param>
/// <param name="services">Where functions come from.</param>
/// <param name="time">The clock.</param>
/// <param name="work">Counts the messages.</param>
/// <param name="logger">Told of failures.</param>
internal sealed class QueueRunner(
    FunctionCatalog functions, IMessageReceiver queues, QueueSettings settings, IServiceScopeFactory services, TimeProvider time, WorkInProgress work, ILogger<QueueRunner> logger)
    : BackgroundService
{
    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(functions.Queues.Select(function => Task.Run(() => ListenAsync(function, stoppingToken), stoppingToken)));

    private async Task ListenAsync(QueueFunction function, CancellationToken cancellationToken)
    {
        using var listener = new QueueListener(function.Queue, new QueueCall(function, queues, settings, services, time, work, logger), queues, settings, time, logger);
        await listener.RunAsync(cancellationToken);
    }
}
