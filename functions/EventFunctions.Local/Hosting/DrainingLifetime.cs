using System.Runtime.InteropServices;
using Microsoft.Extensions.Hosting;

namespace EventFunctions.Local.Hosting;

/// <summary>
/// Ends the host in order: the first Ctrl+C or SIGTERM stops accepting and lets what is running finish; the second ends
/// the process at once, which loses nothing either, since a restart finishes what was accepted.
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
