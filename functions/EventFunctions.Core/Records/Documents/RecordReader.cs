using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Records.Documents;

/// <summary>Reads many records. Skips a document that cannot be read, and logs it once for each of its states.</summary>
/// <param name="logger">The log of what cannot be read.</param>
public sealed class RecordReader(ILogger logger)
{
    // Enough to tell a few bad documents once each; a store full of them may be told of again.
    private const int MaxRemembered = 10_000;

    private readonly ConcurrentDictionary<string, bool> _logged = new(StringComparer.Ordinal);

    /// <summary>Reads a record from its document.</summary>
    /// <param name="utf8">JSON in UTF-8, or anything.</param>
    /// <returns>Null where it cannot be read.</returns>
    public EventRecord? Read(ReadOnlySpan<byte> utf8)
    {
        _ = TryRead(utf8, new PageBudget(), withData: true, out var record);
        return record;
    }

    /// <summary>Reads a record of a page, if the page has room for it. Data that does not fit is not even decoded.</summary>
    /// <param name="utf8">JSON in UTF-8, or anything.</param>
    /// <param name="page">The room that the page has left.</param>
    /// <param name="withData">Whether with the event's data.</param>
    /// <param name="record">The record; null where it cannot be read, and takes no room.</param>
    /// <returns>False where the page ends before it.</returns>
    public bool TryRead(ReadOnlySpan<byte> utf8, PageBudget page, bool withData, out EventRecord? record)
    {
        record = null;
        try
        {
            var document = DocumentJson.ReadDocument(utf8);
            if (!page.TryTake(BytesOf(document, utf8.Length, withData), utf8.Length))
            {
                return false;
            }

            record = document.ToRecord(withData);
        }
        catch (Exception e)
        {
            LogOnce(utf8, e);
        }

        return true;
    }

    // The attributes and the timeline as they are in the document, and the data as it is in memory.
    private static long BytesOf(EventDocument document, int storedBytes, bool withData) =>
        storedBytes - (document.Data is { } text ? Encoding.UTF8.GetByteCount(text) : 0) + (withData ? document.PayloadBytes : 0);

    private void LogOnce(ReadOnlySpan<byte> utf8, Exception error)
    {
        var state = Convert.ToHexString(SHA256.HashData(utf8));
        if (_logged.Count >= MaxRemembered)
        {
            _logged.Clear();
        }

        if (_logged.TryAdd(state, true))
        {
            var (source, id) = NameOf(utf8);
            logger.LogError(error, "Skipping the record of event {Id} of {Source}: it cannot be read.", id, source);
        }
    }

    // What the document says of itself, as far as it is JSON.
    private static (string? Source, string? Id) NameOf(ReadOnlySpan<byte> utf8)
    {
        string? source = null, id = null;
        try
        {
            var reader = new Utf8JsonReader(utf8);
            while (reader.Read())
            {
                if (reader is { CurrentDepth: 1, TokenType: JsonTokenType.PropertyName })
                {
                    var (isSource, isId) = (reader.ValueTextEquals("source"u8), reader.ValueTextEquals("eventId"u8));
                    reader.Read();
                    source = isSource && reader.TokenType == JsonTokenType.String ? reader.GetString() : source;
                    id = isId && reader.TokenType == JsonTokenType.String ? reader.GetString() : id;
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
        }

        return (source, id);
    }
}
