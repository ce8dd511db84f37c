using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EventFunctions.Storage;

namespace EventFunctions.Tests.Cosmos;

/// <summary>Makes <c>@vercel/cosmosdb-server</c> 1.0.1 do what Cosmos DB does, where it does not by itself.</summary>
internal sealed partial class CorrectedServer(Uri server) : DelegatingHandler
{
    private const string PartitionKey = "x-ms-documentdb-partitionkey";

    private readonly SemaphoreSlim _patching = new(1);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.RequestUri = Corrected(request.RequestUri!);
        if (request.Headers.Contains("x-ms-cosmos-is-query-plan-request"))
        {
            return PlanOf(await ReadAsync(request, cancellationToken));
        }

        if (request.Headers.Contains("x-ms-documentdb-isquery") && request.Headers.TryGetValues(PartitionKey, out var keys))
        {
            request.Content = Json(Within(await ReadAsync(request, cancellationToken), keys.Single(), ContainerOf(request.RequestUri!)));
        }

        if (request.Method == HttpMethod.Patch && await ReadAsync(request, cancellationToken) is { } patch && patch["condition"] is not null)
        {
            return await PatchIfAsync(request, patch, cancellationToken);
        }

        var response = await base.SendAsync(request, cancellationToken);
        return request.Method == HttpMethod.Get && response.StatusCode == HttpStatusCode.InternalServerError && IsItem(request.RequestUri!)
            ? await MissingAsync(response, cancellationToken)
            : response;
    }

    // It gives its own address as https, whatever it serves, and its resource IDs are plain base64, where Cosmos DB has '-'
    // for '/': it does not know the path to a collection's ranges that the SDK makes of them.
    private Uri Corrected(Uri url) => new(server, Ranges().Replace(url.AbsolutePath, ids => ids.Value.Replace("-", "%2F", StringComparison.Ordinal)) + url.Query);

    // It answers a query of one partition from all of them.
    private static JsonNode Within(JsonNode query, string keys, string container)
    {
        var field = DocumentContainer.All.FirstOrDefault(one => one.Name == container)?.PartitionKey ?? "eventId";
        query["query"] = ((string)query["query"]!).Replace(" WHERE ", $" WHERE c[\"{field}\"] = @partition AND ", StringComparison.Ordinal);
        (query["parameters"] ??= new JsonArray()).AsArray().Add(new JsonObject { ["name"] = "@partition", ["value"] = JsonNode.Parse(keys)![0]!.DeepClone() });
        return query;
    }

    private static string ContainerOf(Uri url) => url.Segments.SkipWhile(segment => segment != "colls/").ElementAt(1).TrimEnd('/');

    // It looks into the item before it asks whether there is one, and answers 500 with JavaScript's own error.
    private static async Task<HttpResponseMessage> MissingAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if ((await response.Content.ReadAsStringAsync(cancellationToken)).Contains("of undefined", StringComparison.Ordinal))
        {
            response.StatusCode = HttpStatusCode.NotFound;
        }

        return response;
    }

    // It takes a request for a query plan for a query, and refuses it. The plan of the queries asked for here (one sort, no
    // aggregate, all partitions) follows from their text.
    private static HttpResponseMessage PlanOf(JsonNode request)
    {
        var query = Sorted().Match((string)request["query"]!);
        Assert.True(query.Success, $"No plan is known for {request["query"]}.");
        var sort = query.Groups["sort"].Value;
        var keys = sort.Split(", ").Select(key => key.Split(' ')).ToList();
        var payload = query.Groups["what"].Value is var what && what == "*"
            ? "c"
            : $$"""{ {{string.Join(", ", what.Split(", ").Select(path => $"\"{path["c.".Length..]}\": {path}"))}} }""";
        var rewritten = $"SELECT c._rid, [{string.Join(", ", keys.Select(key => $$"""{"item": {{key[0]}}}"""))}] AS orderByItems, {payload} AS payload "
            + $"FROM c WHERE ({query.Groups["where"]}) AND ({{documentdb-formattableorderbyquery-filter}}) ORDER BY {sort}";
        return Answer(HttpStatusCode.OK, new JsonObject
        {
            ["partitionedQueryExecutionInfoVersion"] = 2,
            ["queryInfo"] = new JsonObject
            {
                ["distinctType"] = "None",
                ["orderBy"] = new JsonArray([.. keys.Select(key => (JsonNode)(key.ElementAtOrDefault(1) == "DESC" ? "Descending" : "Ascending"))]),
                ["orderByExpressions"] = new JsonArray([.. keys.Select(key => (JsonNode)key[0])]),
                ["groupByExpressions"] = new JsonArray(),
                ["groupByAliases"] = new JsonArray(),
                ["aggregates"] = new JsonArray(),
                ["groupByAliasToAggregateType"] = new JsonObject(),
                ["rewrittenQuery"] = rewritten,
                ["hasSelectValue"] = false,
            },
            ["queryRanges"] = new JsonArray(new JsonObject { ["min"] = "", ["max"] = "FF", ["isMinInclusive"] = true, ["isMaxInclusive"] = false }),
        });
    }

    // It checks a patch's predicate in lower case, against any document with the same id in any partition. So: let its own
    // queries check the predicate on the one item, and patch what was checked if nobody has changed it since. One at a
    // time, since Cosmos DB does not starve the slowest of those that race.
    private async Task<HttpResponseMessage> PatchIfAsync(HttpRequestMessage request, JsonNode patch, CancellationToken cancellationToken)
    {
        await _patching.WaitAsync(cancellationToken);
        try
        {
            while (true)
            {
                if (await FindAsync(request, patch, cancellationToken) is not { } found)
                {
                    return Answer(HttpStatusCode.NotFound, new JsonObject { ["code"] = "NotFound" });
                }

                if (found["holds"]?.GetValue<bool>() != true)
                {
                    return Answer(HttpStatusCode.PreconditionFailed, new JsonObject { ["code"] = "PreconditionFailed" });
                }

                using var unconditional = new HttpRequestMessage(HttpMethod.Patch, request.RequestUri);
                unconditional.Headers.TryAddWithoutValidation(PartitionKey, request.Headers.GetValues(PartitionKey));
                unconditional.Headers.TryAddWithoutValidation("If-Match", (string?)found["_etag"]);
                unconditional.Content = Json(new JsonObject { ["operations"] = patch["operations"]!.DeepClone() });
                var response = await base.SendAsync(unconditional, cancellationToken);
                if (response.StatusCode != HttpStatusCode.PreconditionFailed)
                {
                    return response;
                }

                response.Dispose();
            }
        }
        finally
        {
            _patching.Release();
        }
    }

    private async Task<JsonNode?> FindAsync(HttpRequestMessage request, JsonNode patch, CancellationToken cancellationToken)
    {
        var condition = ((string)patch["condition"]!).Trim();
        Assert.StartsWith("FROM c WHERE ", condition, StringComparison.Ordinal);
        var item = request.RequestUri!.AbsolutePath.TrimEnd('/');
        var slash = item.LastIndexOf('/');
        using var query = new HttpRequestMessage(HttpMethod.Post, new Uri(request.RequestUri!, item[..slash]));
        query.Headers.Add("x-ms-documentdb-isquery", "True");
        query.Headers.Add("x-ms-documentdb-query-enablecrosspartition", "True");
        query.Content = Json(new JsonObject
        {
            ["query"] = $"SELECT c._etag, ({condition["FROM c WHERE ".Length..]}) AS holds FROM c WHERE c.id = @id AND c.eventId = @eventId",
            ["parameters"] = new JsonArray(
                new JsonObject { ["name"] = "@id", ["value"] = Uri.UnescapeDataString(item[(slash + 1)..]) },
                new JsonObject { ["name"] = "@eventId", ["value"] = JsonNode.Parse(request.Headers.GetValues(PartitionKey).Single())![0]!.DeepClone() }),
        });
        using var response = await base.SendAsync(query, cancellationToken);
        return JsonNode.Parse(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancellationToken))!["Documents"]!.AsArray().FirstOrDefault();
    }

    protected override void Dispose(bool disposing)
    {
        _patching.Dispose();
        base.Dispose(disposing);
    }

    private static bool IsItem(Uri url) => url.AbsolutePath.Contains("/docs/", StringComparison.Ordinal);

    private static async Task<JsonNode> ReadAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await request.Content!.LoadIntoBufferAsync(cancellationToken);
        return JsonNode.Parse(await request.Content.ReadAsStringAsync(cancellationToken))!;
    }

    private static StringContent Json(JsonNode json) => new(json.ToJsonString(), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));

    private static HttpResponseMessage Answer(HttpStatusCode status, JsonNode json)
    {
        var response = new HttpResponseMessage(status) { Content = Json(json) };
        response.Headers.Add("x-ms-request-charge", "1");
        response.Headers.Add("x-ms-activity-id", Guid.NewGuid().ToString());
        return response;
    }

    [GeneratedRegex("^/+dbs/[^/]+=/colls/[^/]+=/pkranges/?$")]
    private static partial Regex Ranges();

    [GeneratedRegex("^SELECT (?<what>.*) FROM c WHERE (?<where>.*) ORDER BY (?<sort>.*)$")]
    private static partial Regex Sorted();
}
