using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFunctions.Storage;

namespace EventFunctions.Producers.Registry;

/// <summary>
/// Ensures without transactions that no two producers have the same source. Each source has one document with the name of its owner. A
/// writer first stores its name there, then the producer, on the state that it read before. If another name is there, the writer takes the
/// source over only from a producer that does not have it, and first rewrites that producer's document unchanged, so that a concurrent
/// write of it fails and starts again.
/// </summary>
/// <remarks>Claims are never deleted: one that nobody uses is taken over like any other.</remarks>
/// <param name="documents">Where the registry is.</param>
internal sealed class SourceClaims(IDocumentStore documents)
{
    private const string Id = "claim";
    private const int Attempts = 8;

    /// <summary>Claims a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="current">The producer that is about to get it, as it was read; its write has to expect this state.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The name of the producer that has it already; null where it is claimed.</returns>
    public async Task<string?> ClaimAsync(string source, RegisteredProducer current, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var claim = await documents.ReadAsync(DocumentContainer.Producers, Partition(source), Id, cancellationToken);
            if (claim is null)
            {
                if (await documents.CreateAsync(DocumentContainer.Producers, Write(source, current.Name), cancellationToken) is not null)
                {
                    return null;
                }

                continue;
            }

            var owner = OwnerOf(claim);
            if (owner == current.Name && current.Source == source)
            {
                return null;
            }

            if (owner != current.Name && await HasAsync(owner, source, cancellationToken))
            {
                return owner;
            }

            // One's own, too, is written anew: whoever is about to take it over sees that there is somebody.
            if (await documents.ReplaceAsync(DocumentContainer.Producers, Write(source, current.Name), claim.ETag, cancellationToken) is not null)
            {
                return null;
            }
        }

        throw new StoreUnavailableException($"The source \"{source}\" is being claimed by other requests. Send the request again.");
    }

    /// <summary>Returns the owner of a source; null if it was never claimed.</summary>
    /// <param name="source">The source.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<string?> FindOwnerAsync(string source, CancellationToken cancellationToken) =>
        await documents.ReadAsync(DocumentContainer.Producers, Partition(source), Id, cancellationToken) is { } claim ? OwnerOf(claim) : null;

    // Whether a producer has a source. If not, whatever is about to give it one fails.
    private async Task<bool> HasAsync(string name, string source, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            var document = await documents.ReadAsync(DocumentContainer.Producers, name, RegistryJson.ProducerId, cancellationToken);
            if (document is null)
            {
                var nobody = new RegisteredProducer { Name = name, LastChange = new ProducerChange(0, ProducerChangeKind.None, default, "", null) };
                if (await documents.CreateAsync(DocumentContainer.Producers, RegistryJson.Write(nobody), cancellationToken) is not null)
                {
                    return false;
                }

                continue;
            }

            var producer = RegistryJson.ReadProducer(document);
            if (producer.Source == source)
            {
                return true;
            }

            if (await documents.ReplaceAsync(DocumentContainer.Producers, RegistryJson.Write(producer), document.ETag, cancellationToken) is not null)
            {
                return false;
            }
        }

        throw new StoreUnavailableException($"The producer \"{name}\" is being changed by other requests. Send the request again.");
    }

    private static Document Write(string source, string owner) => new(
        Partition(source),
        Id,
        JsonSerializer.SerializeToUtf8Bytes(new ProducerDocument { Kind = Id, Source = source, Producer = owner }, RegistryJson.Contract));

    private static string OwnerOf(StoredDocument claim) =>
        JsonSerializer.Deserialize(claim.Body.Span, RegistryJson.Contract)?.Producer ?? throw new JsonException("A claim has no producer.");

    // No name of a producer has a colon.
    private static string Partition(string source) => "source:" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
}
