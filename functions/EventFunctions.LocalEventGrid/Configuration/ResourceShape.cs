using System.Collections.Immutable;
using System.Text.Json.Nodes;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Brings a resource into the shape of the resource model: without nulls, and with <c>properties</c>, which the Azure CLI leaves out when it
/// prints a resource.
/// </summary>
internal static class ResourceShape
{
    private static readonly ImmutableHashSet<string> Envelope =
        ["name", "id", "type", "location", "tags", "sku", "identity", "kind", "resourceGroup", "systemData", "keys", "eventSubscriptions"];

    /// <summary>Returns a topic or a subscription in the shape of the model, and whether it came without <c>properties</c>.</summary>
    /// <param name="resource">The resource; it is changed.</param>
    public static (JsonObject Resource, bool IsFlat) Of(JsonObject resource)
    {
        RemoveNulls(resource);
        var (shaped, isFlat) = Nest(resource, Envelope);
        if (shaped["properties"] is JsonObject properties)
        {
            // With an identity of the resource, what it is used for stands beside it.
            Lift(properties, "deliveryWithResourceIdentity", "destination");
            Lift(properties, "deadLetterWithResourceIdentity", "deadLetterDestination");
            NestMember(properties, "destination", ["endpointType"]);
            NestMember(properties, "deadLetterDestination", ["endpointType"]);
            if ((properties["destination"] as JsonObject)?["properties"] is JsonObject destination && destination["deliveryAttributeMappings"] is JsonArray mappings)
            {
                for (var i = 0; i < mappings.Count; i++)
                {
                    if (mappings[i] is JsonObject mapping)
                    {
                        mappings[i] = Nest((JsonObject)mapping.DeepClone(), ["name", "type"]).Resource;
                    }
                }
            }
        }

        return (shaped, isFlat);
    }

    private static void RemoveNulls(JsonNode? node)
    {
        if (node is JsonObject owner)
        {
            foreach (var name in owner.Where(member => member.Value is null).Select(member => member.Key).ToList())
            {
                owner.Remove(name);
            }
        }

        foreach (var child in node switch { JsonObject o => o.Where(m => m.Key != "advancedFilters").Select(m => m.Value), JsonArray a => a, _ => [] })
        {
            RemoveNulls(child);
        }
    }

    private static (JsonObject Resource, bool IsFlat) Nest(JsonObject flat, ImmutableHashSet<string> outside)
    {
        if (flat["properties"] is not null)
        {
            return (flat, false);
        }

        var nested = new JsonObject { ["properties"] = new JsonObject() };
        foreach (var (name, value) in flat)
        {
            (outside.Contains(name) ? nested : (JsonObject)nested["properties"]!)[name] = value?.DeepClone();
        }

        return (nested, true);
    }

    private static void NestMember(JsonObject owner, string name, ImmutableHashSet<string> outside)
    {
        if (owner[name] is JsonObject flat)
        {
            owner[name] = Nest((JsonObject)flat.DeepClone(), outside).Resource;
        }
    }

    private static void Lift(JsonObject properties, string holder, string name)
    {
        if ((properties[holder] as JsonObject)?[name] is JsonObject lifted)
        {
            properties[name] = lifted.DeepClone();
            properties.Remove(holder);
        }
    }
}
