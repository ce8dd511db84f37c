using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Records.Documents;
using EventFunctions.Storage;

namespace EventFunctions.Ticks;

/// <summary>Stores when the last tick began, in one document for all instances.</summary>
public sealed class TickLog(IDocumentStore documents, TimeProvider time)
{
    internal const string Partition = "tick";
    internal const string Id = "last";

    // On a schedule of seconds, most ticks write nothing.
    private static readonly TimeSpan WriteEvery = TimeSpan.FromSeconds(45);

    private long _seen;
    private long _written;

    /// <summary>The last tick that this instance knows of; null if it knows of none.</summary>
    public DateTimeOffset? LastSeen => Volatile.Read(ref _seen) is var ticks and > 0 ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    /// <summary>Records that a tick begins.</summary>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="StoreUnavailableException">It could not be recorded.</exception>
    public async Task RecordAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        Volatile.Write(ref _seen, now.Ticks);
        if (now.Ticks - Volatile.Read(ref _written) < WriteEvery.Ticks)
        {
            return;
        }

        await documents.UpsertAsync(DocumentContainer.State, Document(now), cancellationToken);
        Volatile.Write(ref _written, now.Ticks);
    }

    /// <summary>Claims the next tick for this instance.</summary>
    /// <param name="isDue">Says of the last tick whether the next one is due.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False if none is due, or another instance was first.</returns>
    /// <exception cref="StoreUnavailableException">The store cannot answer now.</exception>
    public Task<bool> TryClaimAsync(Func<DateTimeOffset, bool> isDue, CancellationToken cancellationToken) =>
        documents.ChangeAsync(DocumentContainer.State, Partition, Id, time, found =>
        {
            // Without a document, the service is new, and its timer has not had its first time yet.
            var now = time.GetUtcNow();
            var last = found is null ? null : JsonSerializer.Deserialize(found.Body.Span, TickJson.Default.TickState)?.At;
            var claims = last is { } at && isDue(at);
            var isWritten = claims || last is null;
            Volatile.Write(ref _seen, (isWritten ? now : last!.Value).UtcTicks);
            return new DocumentChange<bool>(claims, isWritten ? Document(now) : null);
        }, cancellationToken);

    private static Document Document(DateTimeOffset at) =>
        new(Partition, Id, JsonSerializer.SerializeToUtf8Bytes(new TickState(at), TickJson.Default.TickState));
}

/// <summary>The document.</summary>
/// <param name="At">When the last tick began.</param>
internal sealed record TickState(DateTimeOffset At);

/// <summary>The contract of the document, worked out by the compiler.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, Converters = [typeof(UtcMillisecondsConverter)])]
[JsonSerializable(typeof(TickState))]
internal sealed partial class TickJson : JsonSerializerContext;
