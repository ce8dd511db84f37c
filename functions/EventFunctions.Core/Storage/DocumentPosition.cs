using System.Buffers.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace EventFunctions.Storage;

/// <summary>
/// Where the next page of a query begins: after a document, identified by the sort key, so that concurrent writes neither repeat nor skip
/// existing documents.
/// </summary>
/// <param name="Value">The document's value of the field that the query is ordered by; null where it is ordered by ID.</param>
/// <param name="Id">Its ID.</param>
/// <param name="Partition">Its partition.</param>
public sealed record DocumentPosition(string? Value, string Id, string Partition)
{
    /// <summary>The continuation that <see cref="Of"/> reads.</summary>
    public override string ToString() => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(this, DocumentPositionContext.Default.DocumentPosition));

    /// <summary>Where a query continues.</summary>
    /// <param name="query">The query.</param>
    /// <returns>Null for the first page.</returns>
    /// <exception cref="InvalidContinuationException">The continuation is none of <see cref="ToString"/>, or of a query in another order.</exception>
    public static DocumentPosition? Of(DocumentQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.Continuation is not { } text)
        {
            return null;
        }

        try
        {
            if (Base64Url.IsValid(text)
                && JsonSerializer.Deserialize(Base64Url.DecodeFromChars(text), DocumentPositionContext.Default.DocumentPosition) is { Id: not null, Partition: not null } position
                && position.Value is null == query.OrderBy is null)
            {
                return position;
            }
        }
        catch (JsonException)
        {
        }

        throw new InvalidContinuationException("This store did not issue the continuation. Start again without it.");
    }
}

/// <summary>The contract of a position, worked out by the compiler.</summary>
[JsonSerializable(typeof(DocumentPosition))]
internal sealed partial class DocumentPositionContext : JsonSerializerContext;
