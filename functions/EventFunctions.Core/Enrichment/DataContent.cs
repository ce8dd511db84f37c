using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Unicode;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Enrichment;

/// <summary>Classifies fetched bytes by their content type, and checks that they match it.</summary>
internal static class DataContent
{
    // Inside the event, and the event inside the array that Event Grid may send, it is two levels deeper; readers commonly
    // stop at 64.
    private const int MaxJsonDepth = 62;

    /// <summary>Returns JSON or text if the content type is one and the bytes match; otherwise bytes.</summary>
    /// <param name="contentType">The producer's <c>Content-Type</c>, if any.</param>
    /// <param name="body">The bytes.</param>
    /// <exception cref="FetchException">What should be JSON is not (<see cref="FailureReason.InvalidContent"/>); permanent.</exception>
    public static EventContent Of(string? contentType, ReadOnlyMemory<byte> body)
    {
        if (!MediaTypeHeaderValue.TryParse(contentType, out var parsed) || parsed.MediaType is not { } mediaType)
        {
            return new EventContent(ContentKind.Binary, body);
        }

        if (IsJson(mediaType))
        {
            var json = ByteOrderMark.Skip(body);
            return Invalidity(json.Span) is { } error
                ? throw new FetchException(FailureReason.InvalidContent, permanent: true, $"The data has the type {mediaType}, but is {error}.")
                : new EventContent(ContentKind.Json, json);
        }

        return TextContent.Of(MediaType.TryParse(contentType), body);
    }

    private static bool IsJson(string mediaType) =>
        mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
        || mediaType.Equals("text/json", StringComparison.OrdinalIgnoreCase)
        || mediaType.EndsWith("+json", StringComparison.OrdinalIgnoreCase);

    private static string? Invalidity(ReadOnlySpan<byte> json)
    {
        // The JSON reader does not look into strings.
        if (!Utf8.IsValid(json))
        {
            return "not UTF-8";
        }

        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MaxJsonDepth });
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException e)
        {
            return $"not JSON of at most {MaxJsonDepth} levels at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
        }
    }
}
