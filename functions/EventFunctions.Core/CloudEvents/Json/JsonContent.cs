using System.Text.Json;
using EventFunctions.Filters;

namespace EventFunctions.CloudEvents;

/// <summary>Reads payloads that are a JSON text of their own.</summary>
internal static class JsonContent
{
    // Inside its event the payload lies one level deeper.
    private static readonly JsonReaderOptions Options = new() { MaxDepth = StrictJson.MaxDepth - 1 };

    /// <summary>The one value in the bytes, without white space around it; null where anything is wrong with it, which is added to the errors.</summary>
    public static EventContent? Read(ReadOnlySpan<byte> bytes, JsonPath path, ErrorList errors)
    {
        bytes = ByteOrderMark.Skip(bytes);
        if (EventReader.CheckEncoding(bytes) is { } error)
        {
            errors.Add(path, error);
            return null;
        }

        var errorsBefore = errors.Count;
        var depth = path.Depth;
        try
        {
            var reader = new Utf8JsonReader(bytes, Options);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            StrictJson.Check(ref reader, path, errors);
            var end = (int)reader.BytesConsumed;
            reader.Read();
            return errors.Count > errorsBefore ? null : new EventContent(ContentKind.Json, bytes[start..end].ToArray());
        }
        catch (JsonException e)
        {
            path.ReturnTo(depth);
            errors.Add(path, JsonFault.Explain(bytes, e));
            return null;
        }
    }

    /// <summary>Reads JSON without reporting the error.</summary>
    public static EventContent? TryRead(ReadOnlySpan<byte> bytes) => Read(bytes, new JsonPath(), new ErrorList());
}
