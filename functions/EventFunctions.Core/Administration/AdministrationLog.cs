using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Records.Documents;
using EventFunctions.Runtime;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace EventFunctions.Administration;

/// <summary>
/// Records administrators' changes, next to the registry. An entry is written before its change; if that fails, the change is not made. The
/// outcome is added afterwards; if that fails, the entry shows it as unknown. The entry of a rejected change is removed.
/// </summary>
public sealed class AdministrationLog(
    IDocumentStore documents, TimeProvider time, IOptions<AdministrationOptions> options, ILogger<AdministrationLog> logger)
{
    // No producer can have this name.
    private const string Partition = "$administration";

    private static readonly AdministrationContext Context = new(new JsonSerializerOptions(DocumentJson.Options)
    {
        TypeInfoResolver = null,
        Converters = { new JsonStringEnumConverter<AdministrationOutcome>(JsonNamingPolicy.CamelCase, allowIntegerValues: false) },
    });

    /// <summary>Makes a change and records it.</summary>
    /// <param name="entry">Who changes what.</param>
    /// <param name="change">Makes the change.</param>
    /// <param name="conclude">Adds the result to the entry; returns null if the change was refused.</param>
    /// <param name="cancellationToken">Ends the wait for the first write; the result is recorded in any case.</param>
    /// <returns>What <paramref name="change"/> returned.</returns>
    /// <exception cref="StoreUnavailableException">The entry cannot be written, and nothing was changed; or the change threw it.</exception>
    public async Task<T> RecordAsync<T>(
        AdministrationEntry entry, Func<Task<T>> change, Func<AdministrationEntry, T, AdministrationEntry?> conclude, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentNullException.ThrowIfNull(change);
        ArgumentNullException.ThrowIfNull(conclude);
        var now = time.GetUtcNow();
        entry = entry with { Id = RandomProvider.Current.NewId(now), At = now };
        await documents.UpsertAsync(DocumentContainer.Producers, Write(entry), cancellationToken);
        var result = await change();
        try
        {
            await (conclude(entry, result) is { } concluded
                ? documents.UpsertAsync(DocumentContainer.Producers, Write(concluded with { Outcome = AdministrationOutcome.Made }), CancellationToken.None)
                : documents.DeleteAsync(DocumentContainer.Producers, Partition, entry.Id, etag: null, CancellationToken.None));
        }
        catch (StoreUnavailableException e)
        {
            logger.LogWarning(e, "Could not record the outcome of {Action}. Entry {Id} of the administration log shows it as unknown.", entry.Action, entry.Id);
        }

        return result;
    }

    /// <summary>Returns entries, newest first.</summary>
    /// <param name="limit">The most entries of the page.</param>
    /// <param name="continuation">The store's continuation; null begins.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="InvalidContinuationException">The continuation is not one that the store gave.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<(IReadOnlyList<AdministrationEntry> Items, string? Continuation)> ListAsync(
        int limit, string? continuation, CancellationToken cancellationToken)
    {
        var page = await documents.QueryAsync(
            new DocumentQuery(DocumentContainer.Producers) { Partition = Partition, Descending = true, Limit = limit, Continuation = continuation }, cancellationToken);
        return ([.. page.Items.Select(Read)], page.Continuation);
    }

    private Document Write(AdministrationEntry entry) =>
        new(Partition, entry.Id, JsonSerializer.SerializeToUtf8Bytes(entry, Context.AdministrationEntry)) { TimeToLive = options.Value.LogTimeToLive };

    private static AdministrationEntry Read(StoredDocument document) =>
        JsonSerializer.Deserialize(document.Body.Span, Context.AdministrationEntry)! with { Id = document.Id };
}

/// <summary>The contract of the documents, worked out by the compiler.</summary>
[JsonSerializable(typeof(AdministrationEntry))]
internal sealed partial class AdministrationContext : JsonSerializerContext;
