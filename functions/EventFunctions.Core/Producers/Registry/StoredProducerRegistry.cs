using EventFunctions.Definitions;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Keys;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Producers.Registry;

/// <summary>The registered producers: those of the settings, and those in the store, of which every instance keeps a snapshot.</summary>
public sealed class StoredProducerRegistry : IProducerRegistry
{
    private readonly FixedProducers _settings;
    private readonly StoredRegistry<ProducerSnapshot> _stored;
    private readonly TimeProvider _time;

    /// <summary>Makes a registry that has read nothing yet.</summary>
    /// <param name="documents">Where the stored producers are.</param>
    /// <param name="settings">The producers of the settings.</param>
    /// <param name="reader">Reads definitions.</param>
    /// <param name="options">How soon changes are seen.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">The log.</param>
    public StoredProducerRegistry(
        IDocumentStore documents,
        FixedProducers settings,
        ProducerReader reader,
        IOptions<RegistryOptions> options,
        TimeProvider time,
        ILogger<StoredProducerRegistry> logger)
    {
        ArgumentNullException.ThrowIfNull(options);
        (_settings, _time) = (settings, time);
        _stored = new StoredRegistry<ProducerSnapshot>(
            documents, DocumentContainer.Producers, new SnapshotReader(documents, settings, reader, logger).ReadAsync, options.Value, time, logger);
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The source is not supported, and the store cannot answer whether it is known at all.</exception>
    public ValueTask<Producer?> FindBySourceAsync(string source, CancellationToken cancellationToken) =>
        _settings.FindBySource(source) is not { } known ? _stored.FindAsync(snapshot => snapshot.FindBySource(source), cancellationToken)
        : known.HasSourcePattern ? _stored.FindAsync(snapshot => MoreSpecific(known, snapshot.FindBySource(source)), cancellationToken)
        : ValueTask.FromResult<Producer?>(known);

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The name is not supported, and the store cannot answer whether it is known at all.</exception>
    public ValueTask<Producer?> FindByNameAsync(string name, CancellationToken cancellationToken) =>
        _settings.FindByName(name) is { } known
            ? ValueTask.FromResult<Producer?>(known)
            : _stored.FindAsync(snapshot => snapshot.FindByName(name), cancellationToken);

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store never answered yet, whatever the name.</exception>
    public async ValueTask<Producer?> FindKnownByNameAsync(string name, CancellationToken cancellationToken)
    {
        // Asks for the snapshot even if the settings have the name: skipping it would show that the name exists.
        var stored = await _stored.FindKnownAsync(snapshot => snapshot.FindByName(name), cancellationToken);
        return _settings.FindByName(name) ?? stored;
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store never answered yet.</exception>
    public async ValueTask<IReadOnlyList<Producer>> ListAsync(CancellationToken cancellationToken)
    {
        var snapshot = await _stored.FreshAsync(cancellationToken);
        return [.. _settings.All.Concat(snapshot.Producers).OrderBy(producer => producer.Name, StringComparer.Ordinal)];
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The key is not supported, and the store cannot answer whether it is known at all.</exception>
    public async ValueTask<Producer?> FindByKeyAsync(string key, CancellationToken cancellationToken)
    {
        if (ProducerKeyText.Parse(key) is not var (name, id))
        {
            return null;
        }

        var known = await _stored.FindAsync(snapshot => snapshot.FindKeys(name)?.Find(id), cancellationToken);
        return known is not null && known.Matches(key) && known.IsActive(_time.GetUtcNow()) ? await FindByNameAsync(name, cancellationToken) : null;
    }

    /// <inheritdoc/>
    /// <exception cref="StoreUnavailableException">The store never answered yet.</exception>
    public async ValueTask<bool> RequiresKeyAsync(string name, CancellationToken cancellationToken) =>
        (await _stored.CurrentAsync(cancellationToken)).FindKeys(name) is not null;

    private static Producer MoreSpecific(Producer known, Producer? stored) =>
        stored is not null && (!stored.HasSourcePattern || stored.Source.Length > known.Source.Length) ? stored : known;

    /// <inheritdoc cref="StoredRegistry{T}.ChangeAsync"/>
    internal Task<T> ChangeAsync<T>(string name, string id, Func<StoredDocument?, Task<DocumentChange<T>>> decide, CancellationToken cancellationToken) =>
        _stored.ChangeAsync(name, id, decide, cancellationToken);

    /// <inheritdoc cref="StoredRegistry{T}.AnnounceAsync"/>
    internal Task AnnounceAsync() => _stored.AnnounceAsync();
}
