using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Preparation;

/// <summary>Records for a month which changed documents could never be processed, and why. They are skipped.</summary>
public sealed class UnprocessableEvents(IDocumentStore documents, TimeProvider time)
{
    /// <summary>The partition of the container for state that has the notes.</summary>
    public const string Partition = "unprocessable";

    private const int MaxReasonLength = 1_000;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(30);

    /// <summary>Notes one document; again, it replaces the note.</summary>
    /// <param name="source">The event's source, or what is known instead.</param>
    /// <param name="eventId">The event's ID, or what is known instead.</param>
    /// <param name="by">Who could not process it.</param>
    /// <param name="error">Why.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">The store cannot be written now.</exception>
    public Task RecordAsync(string? source, string? eventId, string by, Exception error, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(error);
        var reason = $"{error.GetType().Name}: {error.Message}";
        var body = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, string?>
        {
            ["source"] = source,
            ["eventId"] = eventId,
            ["by"] = by,
            ["reason"] = reason.Length > MaxReasonLength ? reason[..MaxReasonLength] : reason,
            ["at"] = UtcMilliseconds.Text(time.GetUtcNow()),
        });
        var id = Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes($"{by}\0{source}\0{eventId}")));
        return documents.UpsertAsync(DocumentContainer.State, new Document(Partition, id, body) { TimeToLive = Kept }, cancellationToken);
    }
}
