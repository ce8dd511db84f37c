using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace EventFunctions.Storage;

/// <summary>What every document store asks of a document before it takes it, and the values that it indexes.</summary>
public static class DocumentFields
{
    /// <summary>The most bytes of a body.</summary>
    public const int MaxBodyBytes = 1_900_000;

    private const int MaxPartitionBytes = 1_024;
    private const int MaxIdLength = 255;

    /// <summary>Checks a document against what <see cref="Document"/> promises, and reads its indexed fields.</summary>
    /// <param name="container">Where it is going.</param>
    /// <param name="document">The document.</param>
    /// <returns>The value of each of the container's <see cref="DocumentContainer.Indexed"/> fields; null where there is none.</returns>
    /// <exception cref="ArgumentException">The document is none that a store takes.</exception>
    public static string?[] Read(DocumentContainer container, Document document)
    {
        ArgumentNullException.ThrowIfNull(container);
        ArgumentNullException.ThrowIfNull(document);
        CheckKey(document.Partition, document.Id);
        if (document.Body.Length > MaxBodyBytes)
        {
            throw Wrong($"has {document.Body.Length} bytes, and may have {MaxBodyBytes}");
        }

        var values = new string?[container.Indexed.Length];
        try
        {
            ReadBody(container, document.Body.Span, values);
        }
        catch (JsonException e)
        {
            throw new ArgumentException($"A document must be JSON: {e.Message}", nameof(document), e);
        }

        // The partition key is written by the store, and may be one of the fields.
        var key = container.Indexed.IndexOf(container.PartitionKey, StringComparer.Ordinal);
        if (key >= 0)
        {
            values[key] = document.Partition;
        }

        return values;
    }

    /// <summary>Checks that a query asks only for what its container has indexes for.</summary>
    /// <param name="query">The query.</param>
    /// <exception cref="ArgumentException">It asks for more.</exception>
    public static void Check(DocumentQuery query)
    {
        ArgumentNullException.ThrowIfNull(query);
        ArgumentOutOfRangeException.ThrowIfLessThan(query.Limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(query.Limit, 1_000);
        Check(query.Container, query.Equal.Keys);
        if (query.OrderBy is { } field && !query.Container.Sorted.Contains(field, StringComparer.Ordinal))
        {
            throw new ArgumentException($"The container {query.Container.Name} cannot be sorted by {field}.", nameof(query));
        }

        if (query.OrderBy is null && (query.Partition is null || (query.From ?? query.To) is not null))
        {
            throw new ArgumentException("A query over all partitions, or with bounds, needs OrderBy.", nameof(query));
        }
    }

    /// <summary>Checks that fields are indexed.</summary>
    /// <param name="container">Where.</param>
    /// <param name="fields">The fields.</param>
    /// <exception cref="ArgumentException">One is not.</exception>
    public static void Check(DocumentContainer container, IEnumerable<string> fields)
    {
        ArgumentNullException.ThrowIfNull(container);
        if (fields.FirstOrDefault(field => !container.Indexed.Contains(field, StringComparer.Ordinal)) is { } unknown)
        {
            throw new ArgumentException($"The container {container.Name} has no index of {unknown}.", nameof(fields));
        }
    }

    private static void CheckKey(string partition, string id)
    {
        if (Encoding.UTF8.GetByteCount(partition) > MaxPartitionBytes)
        {
            throw Wrong($"has a partition key of more than {MaxPartitionBytes} bytes");
        }

        if (id.Length is 0 or > MaxIdLength || id.AsSpan().ContainsAny(@"/\?#"))
        {
            throw Wrong($"has the ID \"{id}\", which is not 1 to {MaxIdLength} characters without / \\ ? #");
        }
    }

    private static void ReadBody(DocumentContainer container, ReadOnlySpan<byte> body, string?[] values)
    {
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            throw Wrong("is not a JSON object");
        }

        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.GetString()!;
            if (name is "id" or "ttl" || name.StartsWith('_') || name == container.PartitionKey)
            {
                throw Wrong($"has the property {name}, which is reserved for the store");
            }

            reader.Read();
            var field = container.Indexed.IndexOf(name, StringComparer.Ordinal);
            if (field < 0 || reader.TokenType == JsonTokenType.Null)
            {
                reader.Skip();
                continue;
            }

            values[field] = reader.TokenType == JsonTokenType.String ? reader.GetString() : throw Wrong($"has the indexed field {name}, which is not a string");
        }

        // What follows the object is an error too.
        _ = reader.Read();
    }

    private static ArgumentException Wrong(string what) => new($"A document {what}.");
}
