using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json.Nodes;

namespace EventFunctions.Tests.Contract;

/// <summary>A call of the OpenAPI document.</summary>
/// <param name="Method">The HTTP method, in capitals.</param>
/// <param name="Path">The path's template.</param>
/// <param name="Id">Its <c>operationId</c>.</param>
/// <param name="Security">What each way to be let in asks for.</param>
/// <param name="Query">The names of its query parameters.</param>
/// <param name="Bodies">Its bodies, by media type.</param>
/// <param name="Answers">Its answers, by HTTP status.</param>
internal sealed record ContractCall(
    string Method,
    string Path,
    string Id,
    IReadOnlyList<IReadOnlyList<string>> Security,
    IReadOnlySet<string> Query,
    IReadOnlyDictionary<string, ContractBody> Bodies,
    IReadOnlyDictionary<int, ContractAnswer> Answers)
{
    private static readonly string[] Methods = ["get", "put", "post", "delete", "options", "patch", "head"];

    /// <summary>All calls of the document.</summary>
    public static IReadOnlyList<ContractCall> All { get; } = [.. Read(ContractDocument.OpenApi)];

    /// <summary>The call that a request makes; null where there is none.</summary>
    public static ContractCall? Find(string method, string path)
    {
        var segments = path.TrimEnd('/').Split('/');
        return All.Where(call => call.Method == method && call.IsAt(segments)).MinBy(call => call.Path.Count(c => c == '{'));
    }

    private static IEnumerable<ContractCall> Read(ContractDocument document) =>
        from path in document.Root["paths"]!.AsObject()
        from method in Methods
        let operation = path.Value![method]
        where operation is not null
        let parameters = Items(path.Value["parameters"]).Concat(Items(operation["parameters"])).Select(document.Resolve)
        select new ContractCall(
            method.ToUpperInvariant(),
            path.Key,
            operation["operationId"]!.GetValue<string>(),
            [.. Items(operation["security"] ?? document.Root["security"]).Select(way => way!.AsObject().Select(scheme => scheme.Key).ToList())],
            parameters.Where(parameter => parameter["in"]!.GetValue<string>() == "query").Select(parameter => parameter["name"]!.GetValue<string>())
                .ToFrozenSet(StringComparer.OrdinalIgnoreCase),
            Contents(document, operation["requestBody"], isClosed: false),
            operation["responses"]!.AsObject().ToDictionary(
                answer => int.Parse(answer.Key, CultureInfo.InvariantCulture), answer => Answer(document, document.Resolve(answer.Value))));

    private static ContractAnswer Answer(ContractDocument document, JsonObject answer) => new(
        [.. (answer["headers"]?.AsObject() ?? [])
            .Where(header => document.Resolve(header.Value)["required"]?.GetValue<bool>() == true)
            .Select(header => header.Key)],
        Contents(document, answer, isClosed: true));

    private static Dictionary<string, ContractBody> Contents(ContractDocument document, JsonNode? owner, bool isClosed) =>
        (owner?["content"]?.AsObject() ?? []).ToDictionary(
            content => content.Key, content => Body(document, content.Value!.AsObject(), isClosed), StringComparer.OrdinalIgnoreCase);

    private static ContractBody Body(ContractDocument document, JsonObject content, bool isClosed) => new(
        document.Bundle(content["schema"]!, isClosed),
        content["x-data-schema"] is { } data ? document.Bundle(data, isClosed) : null,
        [
            .. content.TryGetPropertyValue("example", out var example) ? [example] : Array.Empty<JsonNode?>(),
            .. (content["examples"]?.AsObject() ?? []).Select(one => document.Resolve(one.Value)["value"]),
        ]);

    private static JsonArray Items(JsonNode? array) => array?.AsArray() ?? new JsonArray();

    private bool IsAt(string[] segments)
    {
        var own = Path.Split('/');
        return own.Length == segments.Length
            && own.Zip(segments).All(pair => pair.First.StartsWith('{') ? pair.Second.Length > 0 : string.Equals(pair.First, pair.Second, StringComparison.OrdinalIgnoreCase));
    }
}

/// <summary>An answer of a call.</summary>
/// <param name="Headers">The headers that it always has.</param>
/// <param name="Bodies">Its bodies, by media type.</param>
internal sealed record ContractAnswer(IReadOnlyList<string> Headers, IReadOnlyDictionary<string, ContractBody> Bodies);

/// <summary>A body of a call or an answer.</summary>
/// <param name="Schema">Its schema.</param>
/// <param name="DataSchema">The schema of the data of each server-sent event in it; null where it is no stream of them.</param>
/// <param name="Examples">Its examples.</param>
internal sealed record ContractBody(string Schema, string? DataSchema, IReadOnlyList<JsonNode?> Examples);
