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
internal sealed class SourceClaims(IDocumentStore documents, TimeProvider time)
{
    private const string Id = "claim";

    /// <summary>Claims a source.</summary>
    /// <param name="source">The source.</param>
    /// <param name="current">The producer that is about to get it, as it was read; its write has to expect this state.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The name of the producer that has it already; null where it is claimed.</returns>
    public Task<string?> ClaimAsync(string source, RegisteredProducer current, CancellationToken cancellationToken) =>
        documents.ChangeAsync<string?>(DocumentContainer.Producers, Partition(source), Id, time, async claim =>
        {
            var owner = claim is null ? null : OwnerOf(claim);
            if (owner is not null && owner != current.Name && await HasAsync(owner, source, cancellationToken))
            {
                return new(owner);
            }

            // One's own, too, is written anew: whoever is about to take it over sees that there is somebody.
            return owner == current.Name && current.Source == source ? default : new(null, Write(source, current.Name));
        }, cancellationToken);

    /// <summary>Returns the owner of a source; null if it was never claimed.</summary>
    public static async Task<string?> FindOwnerAsync(IDocumentStore documents, string source, CancellationToken cancellationToken) =>
        await documents.ReadAsync(DocumentContainer.Producers, Partition(source), Id, cancellationToken) is { } claim ? OwnerOf(claim) : null;

    // Whether a producer has a source. Concurrent writes of the producer fail and start again.
    private Task<bool> HasAsync(string name, string source, CancellationToken cancellationToken) =>
        documents.ChangeAsync<bool>(DocumentContainer.Producers, name, RegistryJson.ProducerId, time, document =>
        {
            var producer = document is null ? RegisteredProducer.None(name) : RegistryJson.ReadProducer(document);
            return new(producer.Source == source, RegistryJson.Write(producer));
        }, cancellationToken);

    private static Document Write(string source, string owner) => new(
        Partition(source),
        Id,
        JsonSerializer.SerializeToUtf8Bytes(new ProducerDocument { Kind = Id, Source = source, Producer = owner }, RegistryJson.Contract));

    private static string OwnerOf(StoredDocument claim) =>
        JsonSerializer.Deserialize(claim.Body.Span, RegistryJson.Contract)?.Producer ?? throw new JsonException("A claim has no producer.");

    // No name of a producer has a colon.
    private static string Partition(string source) => "source:" + Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(source)));
}
