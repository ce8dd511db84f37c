using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Stops the host in order: the first Ctrl+C or SIGTERM stops accepting requests and waits for running calls; the second ends the process
/// at once, which loses nothing, because a restart finishes accepted events.
/// </summary>
/// <param name="application">The host.</param>
internal sealed class DrainingLifetime(IHostApplicationLifetime application) : IHostLifetime, IDisposable
{
    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <inheritdoc/>
    public Task WaitForStartAsync(CancellationToken cancellationToken)
    {
        foreach (var signal in (PosixSignal[])[PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGQUIT])
        {
            _registrations.Add(PosixSignalRegistration.Create(signal, Stop));
        }

        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _registrations.ForEach(r => r.Dispose());

    private void Stop(PosixSignalContext context)
    {
        if (!application.ApplicationStopping.IsCancellationRequested)
        {
            context.Cancel = true;
            application.StopApplication();
        }
    }
}
