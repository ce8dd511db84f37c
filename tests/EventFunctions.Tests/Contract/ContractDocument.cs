using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using EventFunctions.Http;
using EventFunctions.Schemas;

namespace EventFunctions.Tests.Contract;

/// <summary>An OpenAPI or AsyncAPI document, and values checked against its schemas by the service's own evaluator.</summary>
internal sealed class ContractDocument
{
    private const string SchemasPointer = "#/components/schemas/";

    // As deep as anything that the service takes.
    private static readonly JsonDocumentOptions Deep = new() { MaxDepth = 1_000 };

    private readonly JsonSchemas _schemas = new();
    private readonly ConcurrentDictionary<string, string> _compiled = new(StringComparer.Ordinal);

    private ContractDocument(JsonObject root) => Root = root;

    /// <summary>The contract of the HTTP calls, as the service shows it.</summary>
    public static ContractDocument OpenApi { get; } = Load(typeof(OpenApiDocument), "openapi.yaml");

    /// <summary>The contract of the topic.</summary>
    public static ContractDocument AsyncApi { get; } = Load(typeof(ContractDocument), "asyncapi.yaml");

    public JsonObject Root { get; }

    /// <summary>What a node is, or refers to.</summary>
    public JsonObject Resolve(JsonNode? node)
    {
        while (node?["$ref"] is { } reference)
        {
            node = reference.GetValue<string>().Split('/')[1..].Aggregate(
                (JsonNode?)Root, (parent, name) => parent![name.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal)]);
        }

        return (JsonObject)node!;
    }

    /// <summary>A schema as a whole document, with all that it may refer to.</summary>
    /// <param name="schema">A schema of this document.</param>
    /// <param name="isClosed">
    /// Whether objects may only have the properties that the schema names: readers ignore what they do not know, but what the
    /// service writes has to be described.
    /// </param>
    public string Bundle(JsonNode schema, bool isClosed) =>
        _compiled.GetOrAdd((isClosed ? "closed " : "open ") + schema.ToJsonString(), _ =>
        {
            var bundle = new JsonObject
            {
                ["allOf"] = new JsonArray(schema.DeepClone()),
                ["$defs"] = Root["components"]!["schemas"]!.DeepClone(),
            };
            Rewrite(bundle, isClosed);
            return bundle.ToJsonString();
        });

    /// <summary>What is wrong with a value.</summary>
    /// <param name="bundle">A schema as <see cref="Bundle"/> makes it.</param>
    /// <param name="json">The value, in UTF-8.</param>
    public IEnumerable<string> Check(string bundle, ReadOnlyMemory<byte> json)
    {
        try
        {
            using var value = JsonDocument.Parse(json, Deep);
            return [.. _schemas.Validate(bundle, value.RootElement).Select(error => $"#{error.Pointer}: {error.Detail}")];
        }
        catch (JsonException e)
        {
            return [$"It is no JSON: {e.Message}"];
        }
    }

    private static ContractDocument Load(Type neighbour, string name)
    {
        using var stream = neighbour.Assembly.GetManifestResourceStream(name)!;
        return new ContractDocument(Yaml.Read(stream));
    }

    private static void Rewrite(JsonNode? node, bool isClosed)
    {
        if (node is JsonObject schema)
        {
            if (schema["$ref"] is JsonValue reference)
            {
                schema["$ref"] = reference.GetValue<string>().Replace(SchemasPointer, "#/$defs/", StringComparison.Ordinal);
            }

            if (isClosed && schema["properties"] is JsonObject && !schema.ContainsKey("additionalProperties"))
            {
                schema["additionalProperties"] = false;
            }
        }

        IEnumerable<JsonNode?> children = node switch
        {
            JsonObject parent => [.. parent.Select(member => member.Value)],
            JsonArray list => [.. list],
            _ => [],
        };
        foreach (var child in children)
        {
            Rewrite(child, isClosed);
        }
    }
}
