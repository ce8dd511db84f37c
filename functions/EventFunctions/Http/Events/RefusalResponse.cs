using System.Text.Json;
using EventFunctions.Storage;

namespace EventFunctions.Http;

/// <summary>Refused events over HTTP.</summary>
internal static class RefusalResponse
{
    private static readonly string[] Shown = ["producer", "eventId", "refusedAt", "errors", "event", "erased"];

    /// <summary>Returns the response to a request whose producer cannot be a name.</summary>
    public static Problem NoProducer() => QueryParameters.Invalid(new KeyValuePair<string, string>("producer", "Must be the name of the producer whose refused events to list. Leave it out to list those of all."));

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
