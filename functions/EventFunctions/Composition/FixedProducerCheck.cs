using EventFunctions.Producers;
using EventFunctions.Producers.Registry;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Composition;

/// <summary>
/// Logs at start what the producers in the settings need and do not have. It does not stop the host: the other producers work.
/// </summary>
internal sealed class FixedProducerCheck(FixedProducers producers, ProducerRequirements requirements, ILogger<FixedProducerCheck> logger) : IHostedService
{
    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        foreach (var producer in producers.All)
        {
            foreach (var missing in requirements.Missing(producer))
            {
                logger.LogWarning("The producer {Producer} cannot work: {Pointer}: {Detail}", producer.Name, missing.Pointer, missing.Detail);
            }
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
