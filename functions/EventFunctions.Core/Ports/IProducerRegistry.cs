using EventFunctions.Producers;

namespace EventFunctions.Ports;

/// <summary>Knows the registered producers.</summary>
public interface IProducerRegistry
{
    /// <summary>The producer that owns a source; null where none does.</summary>
    /// <param name="source">A CloudEvents <c>source</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Producer?> FindBySourceAsync(string source, CancellationToken cancellationToken);
}
