using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventFunctions.Filters;
using EventFunctions.Sqlite;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Reads topics from a JSON file: <c>{ "topics": [ … ] }</c>, each with its <c>eventSubscriptions</c>, or what the Azure CLI and Azure
/// Resource Manager print of topics and subscriptions (one, a list, or a template's <c>resources</c>).
/// </summary>
public static class TopicsFile
{
    private const string TopicType = "/topics";
    private const string SubscriptionType = "/eventSubscriptions";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
    };

    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true, AllowDuplicateProperties = false };

    /// <summary>Reads the topics.</summary>
    /// <param name="path">The file, whose form <see cref="LocalEventGridOptions.TopicsFile"/> describes.</param>
    /// <exception cref="GridConfigurationException">The file cannot be read, or is not such a file.</exception>
    /// <exception cref="UnsafeFileException">Another user can change the file.</exception>
    public static IReadOnlyList<TopicResource> Read(string path)
    {
        PrivateFiles.CheckSettings(path);
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new GridConfigurationException([$"{path}: {e.Message}"]);
        }
    }

    /// <summary>Reads the topics from the text of a file.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">The file's path, for errors.</param>
    /// <exception cref="GridConfigurationException">The text is not such a file's.</exception>
    internal static IReadOnlyList<TopicResource> Parse(string text, string path)
    {
        try
        {
            CheckTexts(text, path);
            return Read(JsonNode.Parse(text, documentOptions: Lenient), path);
        }
        catch (JsonException e)
        {
            throw new GridConfigurationException([$"{path}: {JsonFault.Explain(e)}"]);
        }
    }

    // Texts are decoded when they are used: half of a surrogate pair would fail there, without a place.
    private static void CheckTexts(string text, string path)
    {
        var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(text), new JsonReaderOptions { CommentHandling = Lenient.CommentHandling, AllowTrailingCommas = Lenient.AllowTrailingCommas });
        try
        {
            while (reader.Read())
            {
                _ = reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName ? reader.GetString() : null;
            }
        }
        catch (InvalidOperationException)
        {
            throw new GridConfigurationException([$"{path}: has half of a surrogate pair at byte {reader.TokenStartIndex}. Write the whole pair."]);
        }
    }

    private static List<TopicResource> Read(JsonNode? root, string path)
    {
        if (root is JsonObject own && own["topics"] is JsonArray topics)
        {
            return [.. topics.Select((topic, i) => Topic(topic, $"/topics/{i}"))];
        }

        var template = new TemplateText((root as JsonObject)?["parameters"] as JsonObject);
        List<(JsonObject Resource, string Type, string Place)> resources = [];
        foreach (var (resource, place) in Listed(root))
        {
            template.Resolve(resource);
            resources.Add((resource, resource["type"]?.ToString() ?? "", place));
        }

        var found = resources.Where(one => one.Type.EndsWith(TopicType, StringComparison.OrdinalIgnoreCase))
            .Select(one => Topic(one.Resource, one.Place)).ToList();
        foreach (var (resource, _, place) in resources.Where(one => one.Type.EndsWith(SubscriptionType, StringComparison.OrdinalIgnoreCase)))
        {
            var name = TopicOf(resource);
            var at = found.FindIndex(topic => string.Equals(topic.Name, name, StringComparison.OrdinalIgnoreCase));
            if (at < 0)
            {
                throw new GridConfigurationException([$"{place}: is a subscription of the topic \"{name}\", which is not in {path}. Add the topic."]);
            }

            found[at] = found[at] with { EventSubscriptions = [.. found[at].EventSubscriptions, Subscription(resource, place)] };
        }

        return found.Count > 0 ? found : throw new GridConfigurationException([$"/topics: is missing in {path}. Write {{ \"topics\": [ … ] }}, or export a topic."]);
    }

    private static IEnumerable<(JsonObject Resource, string Place)> Listed(JsonNode? root) => root switch
    {
        JsonArray list => Objects(list, ""),
        JsonObject owner when owner["value"] is JsonArray list => Objects(list, "/value"),
        JsonObject owner when owner["resources"] is JsonArray list => Objects(list, "/resources"),
        JsonObject one => [(one, "")],
        _ => [],
    };

    private static IEnumerable<(JsonObject Resource, string Place)> Objects(JsonArray list, string at) =>
        list.Index().Where(item => item.Item is JsonObject).Select(item => ((JsonObject)item.Item!, $"{at}/{item.Index}"));

    private static TopicResource Topic(JsonNode? node, string place)
    {
        var subscriptions = (node as JsonObject)?["eventSubscriptions"];
        var (topic, isFlat) = Shape<TopicResource>(node, place, resource => resource.Remove("eventSubscriptions"));
        if (subscriptions is not (null or JsonArray))
        {
            throw new GridConfigurationException([$"{place}/eventSubscriptions: must be an array"]);
        }

        return topic with
        {
            Place = place,
            IsFlat = isFlat,
            EventSubscriptions = [.. (subscriptions as JsonArray ?? []).Select((one, i) => Subscription(one, $"{place}/eventSubscriptions/{i}"))],
        };
    }

    private static EventSubscriptionResource Subscription(JsonNode? node, string place)
    {
        var (subscription, isFlat) = Shape<EventSubscriptionResource>(node, place, _ => { });

        // In a template the name of what belongs to another begins with that one's name.
        return subscription with { Place = place, IsFlat = isFlat, Name = subscription.Name?[(subscription.Name.LastIndexOf('/') + 1)..] };
    }

    private static (T Resource, bool IsFlat) Shape<T>(JsonNode? node, string place, Action<JsonObject> prepare)
    {
        if (node is not JsonObject resource)
        {
            throw new GridConfigurationException([$"{place}: must be an object"]);
        }

        var (shaped, isFlat) = ResourceShape.Of((JsonObject)resource.DeepClone());
        prepare(shaped);
        try
        {
            return (shaped.Deserialize<T>(Options)!, isFlat);
        }
        catch (JsonException e)
        {
            var pointer = (e.Path ?? "$")[1..].Replace("[", "/", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Replace('.', '/');
            throw new GridConfigurationException(
                [$"{place}{(isFlat ? pointer.Replace("/properties", "", StringComparison.Ordinal) : pointer)}: has a value of another type than the resource model gives it"]);
        }
    }

    // By what it says, by its ID, or by its name in a template: TOPIC/SUBSCRIPTION, or TOPIC/Microsoft.EventGrid/SUBSCRIPTION.
    private static string? TopicOf(JsonObject subscription)
    {
        var id = (subscription["topic"] ?? (subscription["properties"] as JsonObject)?["topic"] ?? subscription["id"])?.ToString();
        var after = id?.IndexOf("/topics/", StringComparison.OrdinalIgnoreCase) is >= 0 and var at ? id[(at + "/topics/".Length)..] : subscription["name"]?.ToString();
        return after?.Split('/')[0];
    }
}
