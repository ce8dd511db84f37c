namespace EventFunctions.Telemetry;

/// <summary>Exports metrics at once, for a process that may be frozen or ended after its work.</summary>
public interface IMetricsFlush
{
    /// <summary>Exports all metrics recorded so far. Does not throw if it cannot.</summary>
    /// <param name="cancellationToken">Ends the wait; the export may still finish.</param>
    Task FlushAsync(CancellationToken cancellationToken);
}
