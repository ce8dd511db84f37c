using Microsoft.Extensions.Hosting;

namespace EventFunctions.Azure;

/// <summary>
/// A hosted service that is made when its turn to start has come, so that none before it waits for what it is made of:
/// a host makes all of them before it starts the first.
/// </summary>
/// <typeparam name="TService">The service.</typeparam>
/// <param name="create">Makes it.</param>
internal sealed class LateService<TService>(Func<TService> create) : IHostedService
    where TService : IHostedService
{
    private TService? _service;

    public Task StartAsync(CancellationToken cancellationToken) => (_service = create()).StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => _service?.StopAsync(cancellationToken) ?? Task.CompletedTask;
}
