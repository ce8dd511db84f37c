using System.Text.Json;
using EventFunctions.Storage;

namespace EventFunctions.Http;

/// <summary>Refused events of feeds over HTTP.</summary>
internal static class RefusalResponse
{
    private static readonly string[] Shown = ["producer", "eventId", "refusedAt", "errors", "event", "erased"];

    /// <summary>Returns the response to a request that does not name one producer.</summary>
    public static Problem NoProducer() => QueryParameters.Invalid(new KeyValuePair<string, string>("producer", "Required: the name of the producer whose refused events to list."));

    /// <summary>Writes a refusal as a JSON object, without the store's own properties.</summary>
    public static void Write(Utf8JsonWriter writer, StoredDocument item)
    {
        using var document = JsonDocument.Parse(item.Body);
        writer.WriteStartObject();
        foreach (var name in Shown)
        {
            if (document.RootElement.TryGetProperty(name, out var value))
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
