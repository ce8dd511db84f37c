using Microsoft.Extensions.Hosting;

namespace EventFunctions.Azure;

/// <summary>
/// A hosted service that is created when it starts, so that earlier services do not wait for its dependencies: a host creates all services
/// before it starts the first.
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
