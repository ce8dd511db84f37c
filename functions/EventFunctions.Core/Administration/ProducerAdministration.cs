using System.Text;
using EventFunctions.Definitions;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Registry;
using EventFunctions.Storage;

namespace EventFunctions.Administration;

/// <summary>Changes the registry's stored producers, and tells who changed what.</summary>
/// <param name="documents">Where they are.</param>
/// <param name="settings">The producers of the settings, which cannot be changed here.</param>
/// <param name="registry">Is told of changes.</param>
/// <param name="time">The clock.</param>
public sealed class ProducerAdministration(IDocumentStore documents, FixedProducers settings, StoredProducerRegistry registry, TimeProvider time)
{
    private readonly SourceClaims _claims = new(documents, time);

    /// <summary>Reads a producer as the store has it now.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there is none in the store.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<RegisteredProducer?> ReadAsync(string name, CancellationToken cancellationToken) =>
        await ReadDocumentAsync(name, cancellationToken) is { Definition: not null } producer ? producer : null;

    /// <summary>Reads a producer, and writes it back on its ETag, which fails if the store has a newer one.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there is none in the store.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    internal Task<RegisteredProducer?> ConfirmAsync(string name, CancellationToken cancellationToken) =>
        documents.ChangeAsync<RegisteredProducer?>(DocumentContainer.Producers, name, RegistryJson.ProducerId, time, found =>
        {
            var producer = found is null ? null : RegistryJson.ReadProducer(found);
            return new(producer?.Definition is null ? null : producer, producer is null ? null : RegistryJson.Write(producer), Confirms: true);
        }, cancellationToken);

    /// <summary>
    /// Creates a producer or replaces its definition. Sending the same definition again changes nothing, even if the precondition fails.
    /// </summary>
    /// <param name="producer">The producer.</param>
    /// <param name="precondition">What the client asks of the state before.</param>
    /// <param name="by">Who does it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public async Task<ProducerOutcome> PutAsync(Producer producer, Precondition precondition, string by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(precondition);
        if (settings.FindByName(producer.Name) is not null)
        {
            return new(ProducerVerdict.Fixed);
        }

        if (settings.FindRegistered(producer.Source) is { } owner)
        {
            return new(ProducerVerdict.SourceTaken) { Owner = owner.Name };
        }

        var definition = Encoding.UTF8.GetString(ProducerJson.Write(producer).Span);
        return await ChangeAsync(producer.Name, by, DecideAsync, cancellationToken);

        async Task<(ProducerOutcome, RegisteredProducer?)> DecideAsync(RegisteredProducer current)
        {
            var verdict = precondition.Check(current.Definition is null ? null : current.ETag);
            if (current.Definition == definition && verdict != PreconditionVerdict.Exists)
            {
                return (new(ProducerVerdict.Unchanged), null);
            }

            if (verdict != PreconditionVerdict.Holds)
            {
                return (Refused(verdict), null);
            }

            if (await _claims.ClaimAsync(producer.Source, current, cancellationToken) is { } other)
            {
                return (new(ProducerVerdict.SourceTaken) { Owner = other }, null);
            }

            var isNew = current.Definition is null;
            var change = Change(current, isNew ? ProducerChangeKind.Created : ProducerChangeKind.Replaced, by);
            return (new(isNew ? ProducerVerdict.Created : ProducerVerdict.Replaced),
                current with { Definition = definition, Source = producer.Source, Since = isNew ? change.Version : current.Since, LastChange = change });
        }
    }

    /// <summary>Deletes a producer. Its open events stay, but their data can no longer be fetched.</summary>
    /// <param name="name">The name.</param>
    /// <param name="precondition">What the client asks of the state before.</param>
    /// <param name="by">Who does it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot answer now; the change may be made.</exception>
    /// <exception cref="ContentionException">Other requests were first every time.</exception>
    public async Task<ProducerOutcome> DeleteAsync(string name, Precondition precondition, string by, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(precondition);
        return settings.FindByName(name) is not null
            ? new(ProducerVerdict.Fixed)
            : await ChangeAsync(name, by, current => Task.FromResult(Decide(current)), cancellationToken);

        (ProducerOutcome, RegisteredProducer?) Decide(RegisteredProducer current) =>
            precondition.Check(current.Definition is null ? null : current.ETag) is var verdict and not PreconditionVerdict.Holds ? (Refused(verdict), null)
            : current.Definition is null ? (new(ProducerVerdict.NotFound), null)
            : (new(ProducerVerdict.Deleted),
                current with { Definition = null, Source = null, LastChange = Change(current, ProducerChangeKind.Deleted, by) });
    }

    /// <summary>Tells who changed a producer, newest first, deleted ones' changes included.</summary>
    /// <param name="name">The name.</param>
    /// <param name="limit">The most changes of one page, 1 to 1,000.</param>
    /// <param name="continuation">The continuation of the page before; null begins.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>Null where there never was such a producer in the store.</returns>
    /// <exception cref="InvalidContinuationException">The continuation is none that was given.</exception>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public async Task<ProducerHistory?> ReadHistoryAsync(string name, int limit, string? continuation, CancellationToken cancellationToken)
    {
        if (await ReadDocumentAsync(name, cancellationToken) is not { LastChange: { Version: > 0 } last })
        {
            return null;
        }

        var page = await documents.QueryAsync(
            new DocumentQuery(DocumentContainer.Producers)
            {
                Partition = name,
                Equal = RegistryJson.OfKind(RegistryJson.HistoryKind),
                Descending = true,
                Limit = limit,
                Continuation = continuation,
            },
            cancellationToken);

        // The last change stands in the producer itself, and only after the next one, or just before it, beside it.
        var earlier = page.Items.Select(RegistryJson.ReadChange).Where(change => change.Version < last.Version);
        return new ProducerHistory([.. continuation is null ? earlier.Prepend(last) : earlier], page.Continuation);
    }

    private async Task<ProducerOutcome> ChangeAsync(
        string name, string by, Func<RegisteredProducer, Task<(ProducerOutcome Outcome, RegisteredProducer? Next)>> decide, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(by);
        return await registry.ChangeAsync<ProducerOutcome>(name, RegistryJson.ProducerId, async found =>
        {
            var current = found is null ? RegisteredProducer.None(name) : RegistryJson.ReadProducer(found);
            var (outcome, next) = await decide(current);

            // The change before is put beside first: killed on the way, nothing has happened.
            if (next is not null && current.LastChange.Version > 0)
            {
                await documents.CreateAsync(DocumentContainer.Producers, RegistryJson.Write(name, current.LastChange), cancellationToken);
            }

            return new(
                outcome with { ETagBefore = current.Definition is null ? null : current.ETag, Producer = next ?? current },
                found is null && next is null ? null : RegistryJson.Write(next ?? current),
                Confirms: next is null);
        }, cancellationToken);
    }

    private async Task<RegisteredProducer?> ReadDocumentAsync(string name, CancellationToken cancellationToken) =>
        await documents.ReadAsync(DocumentContainer.Producers, name, RegistryJson.ProducerId, cancellationToken) is { } document
            ? RegistryJson.ReadProducer(document)
            : null;

    private ProducerChange Change(RegisteredProducer current, ProducerChangeKind kind, string by) =>
        new(current.LastChange.Version + 1, kind, time.GetUtcNow(), by, current.Definition);

    private static ProducerOutcome Refused(PreconditionVerdict verdict) =>
        new(verdict switch
        {
            PreconditionVerdict.Failed => ProducerVerdict.PreconditionFailed,
            PreconditionVerdict.Exists => ProducerVerdict.AlreadyExists,
            _ => ProducerVerdict.PreconditionRequired,
        });
}
