using System.Runtime.InteropServices;
using System.Text.Json;
using EventFunctions.Monitoring;
using EventFunctions.Preparation;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Entities;

/// <summary>
/// Passes changes of the event store, which may repeat, to entities and to the monitors of producers. Skips full data and the store's own
/// documents. Logs a document that can never be read, and continues.
/// </summary>
public sealed class RecordedChanges(
    EntityProjection entities, EntityGenerationStore generations, Arrivals arrivals, UnprocessableEvents notes, ILogger<RecordedChanges> logger)
{
    /// <summary>Takes a batch.</summary>
    /// <param name="documents">The changed documents.</param>
    /// <param name="cancellationToken">Ends the work, which may be repeated.</param>
    /// <exception cref="StoreUnavailableException">Not everything could be written; the batch is to come again.</exception>
    public async Task TakeAsync(IReadOnlyList<JsonElement> documents, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(documents);
        List<EventRecord> records = [];
        List<EntityFact> facts = [];
        foreach (var document in documents)
        {
            try
            {
                if (document.TryGetProperty("kind"u8, out var kind) && kind.ValueEquals(EventDocument.KindName))
                {
                    var record = DocumentJson.ReadRecord(JsonMarshal.GetRawUtf8Value(document), withData: false);
                    records.Add(record);
                    if (EntityFact.Of(record) is { } fact)
                    {
                        facts.Add(fact);
                    }
                }
            }
            catch (Exception e)
            {
                var (source, id) = (Text(document, "source"), Text(document, "eventId") ?? Text(document, "id"));
                logger.LogError(e, "Cannot read the changed document {Id} of {Source}.", id, source);
                await notes.RecordAsync(source, id, "changes", e, cancellationToken);
            }
        }

        await arrivals.RecordAsync(records, cancellationToken);
        if (facts.Count > 0)
        {
            // Read for each batch: one that begins after a rebuild did must count in both generations.
            var (state, _) = await generations.ReadAsync(cancellationToken);
            await entities.ProjectAsync(facts, state.Written, cancellationToken);
        }
    }

    private static string? Text(JsonElement document, string name) =>
        document.ValueKind == JsonValueKind.Object && document.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}
