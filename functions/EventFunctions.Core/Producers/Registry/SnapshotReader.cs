using System.Text;
using System.Text.Json;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Keys;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Producers.Registry;

/// <summary>Reads all stored producers, and skips those that cannot be read or that conflict with settings.</summary>
internal sealed class SnapshotReader(IDocumentStore documents, FixedProducers settings, ProducerReader reader, ILogger logger)
{
    private const int PageSize = 100;

    /// <summary>Reads them.</summary>
    /// <param name="before">What was read before: what has not changed since is not read again, and stays the same object.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<ProducerSnapshot> ReadAsync(ProducerSnapshot? before, CancellationToken cancellationToken)
    {
        var entries = new Dictionary<string, ProducerSnapshot.Entry>(StringComparer.Ordinal);
        await foreach (var document in QueryAsync(RegistryJson.ProducerKind, cancellationToken))
        {
            if (Read(document, before) is { } entry && await OwnsAsync(entry.Producer, entries, cancellationToken))
            {
                entries[entry.Producer.Source] = entry;
            }
        }

        var since = entries.Values.ToDictionary(entry => entry.Producer.Name, entry => entry.Since, StringComparer.Ordinal);
        var keys = new List<ProducerKeys>();
        await foreach (var document in QueryAsync(RegistryJson.KeysKind, cancellationToken))
        {
            var name = document.Partition;
            int? current = settings.FindByName(name) is not null ? 0 : since.TryGetValue(name, out var version) ? version : null;
            if (ReadKeys(document, before) is var read && (read is null || read.Since == current))
            {
                keys.Add(read ?? new ProducerKeys(name, 0, []));
            }
        }

        return new ProducerSnapshot(entries.Values, keys);
    }

    private IAsyncEnumerable<StoredDocument> QueryAsync(string kind, CancellationToken cancellationToken) => documents.QueryAllAsync(
        new DocumentQuery(DocumentContainer.Producers) { Equal = RegistryJson.OfKind(kind), OrderBy = "kind", Limit = PageSize }, cancellationToken);

    // Null if they cannot be read and never could be: the producer has keys, and none of them opens anything.
    private ProducerKeys? ReadKeys(StoredDocument document, ProducerSnapshot? before)
    {
        try
        {
            return RegistryJson.ReadKeys(document);
        }
        catch (JsonException e)
        {
            logger.LogError(e, "Cannot read the keys of the producer {Name}. Remove all of them and create new ones.", document.Partition);
            return before?.FindKeys(document.Partition);
        }
    }

    private ProducerSnapshot.Entry? Read(StoredDocument document, ProducerSnapshot? before)
    {
        var known = before?.FindEntry(document.Partition);
        if (known?.ETag == document.ETag)
        {
            return known;
        }

        try
        {
            var stored = RegistryJson.ReadProducer(document);
            if (known?.Version == stored.LastChange.Version)
            {
                return known with { ETag = document.ETag };
            }

            var producer = reader.ReadStored(Encoding.UTF8.GetBytes(stored.Definition ?? ""), stored.Name, out var errors);
            if (producer is null)
            {
                logger.LogError("Ignoring the stored producer {Name}: {Error}", stored.Name, $"{errors[0].Pointer}: {errors[0].Detail}");
                return known;
            }

            if (settings.FindByName(producer.Name) is null && settings.FindRegistered(producer.Source) is null)
            {
                return new ProducerSnapshot.Entry(producer, stored.LastChange.Version, stored.Since, document.ETag);
            }

            logger.LogWarning("Ignoring the stored producer {Name}: a producer in the settings has the same name or source.", producer.Name);
            return null;
        }
        catch (JsonException e)
        {
            logger.LogError(e, "Cannot read the document of the stored producer {Name}.", document.Partition);
            return known;
        }
    }

    // The pages are not of one moment: a source that has just changed hands may be seen with both.
    private async Task<bool> OwnsAsync(Producer producer, Dictionary<string, ProducerSnapshot.Entry> others, CancellationToken cancellationToken) =>
        !others.TryGetValue(producer.Source, out var other)
        || other.Producer.Name == producer.Name
        || await SourceClaims.FindOwnerAsync(documents, producer.Source, cancellationToken) == producer.Name;
}
