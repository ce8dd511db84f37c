namespace EventFunctions.Producers;

/// <summary>Knows the registered producers.</summary>
public interface IProducerRegistry
{
    /// <summary>Returns the producer that owns a source: by its own, else by the most specific pattern; null if there is none.</summary>
    /// <param name="source">A CloudEvents <c>source</c>.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Producer?> FindBySourceAsync(string source, CancellationToken cancellationToken);

    /// <summary>Returns the producer with a name; null if there is none.</summary>
    /// <param name="name">The producer's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Producer?> FindByNameAsync(string name, CancellationToken cancellationToken);

    /// <summary>
    /// The producer of a name as this instance knows it; null where it knows none. Takes the same time either way, so that
    /// strangers learn nothing from it: a name that is not known is looked for in the background, and found by the next call.
    /// </summary>
    /// <param name="name">The producer's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Producer?> FindKnownByNameAsync(string name, CancellationToken cancellationToken);

    /// <summary>The producer that a key belongs to; null if the key is unknown, revoked or expired.</summary>
    /// <param name="key">Anything.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<Producer?> FindByKeyAsync(string key, CancellationToken cancellationToken);

    /// <summary>Whether events of a producer are accepted only with one of its keys.</summary>
    /// <param name="name">The producer's name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<bool> RequiresKeyAsync(string name, CancellationToken cancellationToken);

    /// <summary>All producers, in the order of their names.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<IReadOnlyList<Producer>> ListAsync(CancellationToken cancellationToken);
}
