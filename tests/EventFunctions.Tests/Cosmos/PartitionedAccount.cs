using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using EventFunctions.Azure.Cosmos;
using EventFunctions.CloudEvents;
using EventFunctions.Records;
using EventFunctions.Records.Documents;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Tests.Cosmos;

/// <summary>
/// An account whose containers have a number of physical partitions, and which counts what it is asked. It answers queries of the SDK's own
/// client as Cosmos DB's gateway does: every item of a partition that is due, in the container of the events, and nothing in others.
/// </summary>
internal sealed partial class PartitionedAccount : HttpMessageHandler
{
    private readonly Meter _meter = new("test");
    private readonly string[] _bounds;
    private readonly ConcurrentDictionary<string, (int Partition, string Json)> _items = new(StringComparer.Ordinal);

    public PartitionedAccount(int partitions)
    {
        string[] inner = [.. Enumerable.Range(1, partitions - 1).Select(i => (i * 256 / partitions).ToString("X2", CultureInfo.InvariantCulture))];
        _bounds = ["", .. inner, "FF"];
        Client = CosmosClients.Create(
            new CosmosOptions { ConnectionString = "AccountEndpoint=https://partitioned.example.com/;AccountKey=a2V5", ConnectionMode = "Gateway" },
            () => throw new InvalidOperationException("There is a key."),
            _meter,
            client => client.HttpClientFactory = () => new HttpClient(this, disposeHandler: false));
    }

    public CosmosClient Client { get; }

    /// <summary>The requests for items, each as its method and container: all that an account bills.</summary>
    public ConcurrentQueue<string> Requests { get; } = [];

    private int Count => _bounds.Length - 1;

    /// <summary>Puts a record into a partition.</summary>
    public void Put(int partition, EventRecord record) =>
        _items[record.Key.Id] = (partition, System.Text.Encoding.UTF8.GetString(DocumentJson.Write(record)));

    public void Remove(EventKey key) => _items.TryRemove(key.Id, out _);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (path == "/")
        {
            return RangedAccount.Answer(RangedAccount.Account.Replace("\"{}\"", "\"{\\\"maxSqlQueryInputLength\\\":262144}\"", StringComparison.Ordinal));
        }

        if (path.EndsWith("/pkranges", StringComparison.Ordinal))
        {
            return Ranges(request);
        }

        if (!path.Contains("/docs", StringComparison.Ordinal))
        {
            return RangedAccount.Answer(RangedAccount.Container);
        }

        if (Header(request, "x-ms-cosmos-is-query-plan-request") is not null)
        {
            return RangedAccount.Answer(Plan(JsonElement.Parse(await request.Content!.ReadAsStringAsync(cancellationToken)).GetProperty("query").GetString()!));
        }

        var container = path.Split('/')[4];
        var isQuery = Header(request, "x-ms-documentdb-isquery") is not null;
        Requests.Enqueue($"{(isQuery ? "QUERY" : request.Method.Method)} {container}");
        return isQuery ? Query(request, container)
            : request.Method == HttpMethod.Get ? Read(JsonElement.Parse(Header(request, "x-ms-documentdb-partitionkey")!)[0].GetString()!)
            : RangedAccount.Tagged(RangedAccount.Answer("{}"), 1, 0);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            Client.Dispose();
            _meter.Dispose();
        }

        base.Dispose(disposing);
    }

    private HttpResponseMessage Read(string eventId) => _items.TryGetValue(eventId, out var item)
        ? RangedAccount.Tagged(RangedAccount.Answer(item.Json), 1, 1)
        : RangedAccount.Tagged(new HttpResponseMessage(HttpStatusCode.NotFound) { Content = new StringContent("{}") }, 1, 0);

    private HttpResponseMessage Query(HttpRequestMessage request, string container)
    {
        var partition = Header(request, "x-ms-documentdb-partitionkeyrangeid") is { } range ? int.Parse(range, CultureInfo.InvariantCulture) : 0;
        var isPlain = request.Headers.Any(header => header.Key.Contains("optimisticdirectexecute", StringComparison.OrdinalIgnoreCase) && header.Value.Contains("True"));
        var found = _items.Values.Where(item => container == "events" && item.Partition == partition).Select(item => isPlain ? JsonNode.Parse(item.Json)! : new JsonObject
        {
            ["_rid"] = "oqEhANDzeDkBAAAAAAAAAA==",
            ["orderByItems"] = new JsonArray(new JsonObject { ["item"] = JsonNode.Parse(item.Json)!["relayAt"]!.DeepClone() }),
            ["payload"] = JsonNode.Parse(item.Json),
        }).ToList();
        return RangedAccount.Tagged(
            RangedAccount.Answer($$"""{"_rid":"{{RangedAccount.ContainerRid}}","Documents":[{{string.Join(',', found.Select(one => one.ToJsonString()))}}],"_count":{{found.Count}}}"""),
            1,
            found.Count);
    }

    private HttpResponseMessage Ranges(HttpRequestMessage request)
    {
        if (Header(request, "If-None-Match") == "\"1\"")
        {
            return RangedAccount.Tagged(new HttpResponseMessage(HttpStatusCode.NotModified), 1, 0);
        }

        var ranges = Enumerable.Range(0, Count).Select(i =>
            $$"""{"id":"{{i}}","_rid":"oqEhANDzeDk{{i}}AAAAAAAAUA==","minInclusive":"{{_bounds[i]}}","maxExclusive":"{{_bounds[i + 1]}}","ridPrefix":{{i}},"throughputFraction":0.01,"status":"online","parents":[]}""");
        return RangedAccount.Tagged(
            RangedAccount.Answer($$"""{"_rid":"{{RangedAccount.ContainerRid}}","PartitionKeyRanges":[{{string.Join(',', ranges)}}],"_count":{{Count}}}"""), 1, Count);
    }

    // What the gateway makes of a query that is ordered: the same, with its order beside each item.
    private static string Plan(string query)
    {
        string[] order = [.. Order().Match(query).Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];
        string[] expressions = [.. order.Select(one => one.Split(' ')[0])];
        return JsonSerializer.Serialize(new
        {
            partitionedQueryExecutionInfoVersion = 2,
            queryInfo = new
            {
                distinctType = "None",
                orderBy = order.Select(one => one.EndsWith("DESC", StringComparison.Ordinal) ? "Descending" : "Ascending"),
                orderByExpressions = expressions,
                groupByExpressions = Array.Empty<string>(),
                groupByAliases = Array.Empty<string>(),
                aggregates = Array.Empty<string>(),
                groupByAliasToAggregateType = new { },
                rewrittenQuery = query.Replace("WHERE ", "WHERE ({documentdb-formattableorderbyquery-filter}) AND ", StringComparison.Ordinal),
                hasSelectValue = false,
            },
            queryRanges = new[] { new { min = "", max = "FF", isMinInclusive = true, isMaxInclusive = false } },
        });
    }

    private static string? Header(HttpRequestMessage request, string name) => request.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    [GeneratedRegex("ORDER BY (.*)$")]
    private static partial Regex Order();
}
