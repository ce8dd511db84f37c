using System.Collections.Immutable;

namespace EventFunctions.Producers.Keys;

/// <summary>The keys of one producer. Once one was made, the producer's events need a key, even if none is active any more.</summary>
/// <param name="Producer">The producer's name.</param>
/// <param name="Since">
/// The version in which the producer was registered, 0 for one of the settings: another producer of the same name does not
/// inherit the keys.
/// </param>
/// <param name="All">The keys, oldest first; those that ended stay for a while.</param>
public sealed record ProducerKeys(string Producer, int Since, ImmutableArray<ProducerKey> All)
{
    /// <summary>Whether the producer's events need a key.</summary>
    public bool AreRequired => All.Length > 0;

    /// <summary>Finds a key by its ID; null if there is none.</summary>
    /// <param name="id">The key's ID.</param>
    public ProducerKey? Find(string id) => All.FirstOrDefault(key => key.Id == id);
}
