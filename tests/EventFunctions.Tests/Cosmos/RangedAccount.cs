using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using EventFunctions.Azure.Cosmos;
using EventFunctions.Records.Documents;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Tests.Cosmos;

/// <summary>
/// An account whose one container has several physical partitions, of which it knows the change feeds and nothing else: what the
/// SDK's own client asks for is answered as by Cosmos DB's gateway.
/// </summary>
internal sealed class RangedAccount : HttpMessageHandler
{
    // IDs of Cosmos DB tell a database from a container by their bytes.
    private const string DatabaseRid = "oqEhAA==";
    internal const string ContainerRid = "oqEhANDzeDk=";

    private readonly Meter _meter = new("test");
    private readonly List<(string Min, string Max)> _partitions;
    private readonly List<List<string>> _changes;

    public RangedAccount(params string[] bounds)
    {
        _partitions = [.. bounds.Prepend("").Zip(bounds.Append("FF"))];
        _changes = [.. _partitions.Select(_ => new List<string>())];
        Client = CosmosClients.Create(
            new CosmosOptions { ConnectionString = "AccountEndpoint=https://ranged.example.com/;AccountKey=a2V5", ConnectionMode = "Gateway" },
            () => throw new InvalidOperationException("There is a key."),
            _meter,
            client => client.HttpClientFactory = () => new HttpClient(this, disposeHandler: false));
        Changes = new RecordChanges(Client.GetContainer("db", "events"), new RecordReader(Log));
    }

    public CosmosClient Client { get; }

    public RecordChanges Changes { get; }

    public ListLogger<RecordReader> Log { get; } = new();

    /// <summary>Partitions that do not answer.</summary>
    public ImmutableHashSet<int> Down { get; set; } = [];

    /// <summary>Lets an item change.</summary>
    public void Change(int partition, byte[] document, DateTimeOffset at)
    {
        var json = JsonNode.Parse(document)!;
        json["_ts"] = at.ToUnixTimeSeconds();
        _changes[partition].Add(json.ToJsonString());
    }

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var path = request.RequestUri!.AbsolutePath;
        return Task.FromResult(
            path == "/" ? Answer(Account)
            : path.EndsWith("/pkranges", StringComparison.Ordinal) ? Ranges(request)
            : path.EndsWith("/docs", StringComparison.Ordinal) ? Feed(request)
            : Answer(Container));
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

    internal const string Account = """
        {"id":"ranged","_rid":"ranged","_self":"","_dbs":"//dbs/","media":"//media/","addresses":"//addresses/","enableMultipleWriteLocations":false,
         "writableLocations":[{"name":"here","databaseAccountEndpoint":"https://ranged.example.com/"}],
         "readableLocations":[{"name":"here","databaseAccountEndpoint":"https://ranged.example.com/"}],
         "userReplicationPolicy":{"minReplicaSetSize":1,"maxReplicasetSize":1,"asyncReplication":false},
         "systemReplicationPolicy":{"minReplicaSetSize":1,"maxReplicasetSize":1,"asyncReplication":false},
         "userConsistencyPolicy":{"defaultConsistencyLevel":"Session"},"readPolicy":{"primaryReadCoefficient":1,"secondaryReadCoefficient":1},"queryEngineConfiguration":"{}"}
        """;

    internal const string Container =
        "{\"id\":\"events\",\"_rid\":\"" + ContainerRid + "\",\"_self\":\"dbs/" + DatabaseRid + "/colls/" + ContainerRid + "/\",\"_etag\":\"\\\"1\\\"\",\"_ts\":1,"
        + "\"partitionKey\":{\"paths\":[\"/eventId\"],\"kind\":\"Hash\",\"version\":2}}";

    private HttpResponseMessage Ranges(HttpRequestMessage request)
    {
        if (request.Headers.TryGetValues("If-None-Match", out var known) && known.Single() == "\"1\"")
        {
            return Tagged(new HttpResponseMessage(HttpStatusCode.NotModified), 1, 0);
        }

        var ranges = _partitions.Select((range, i) =>
            $$"""{"id":"{{i}}","_rid":"oqEhANDzeDk{{i}}AAAAAAAAUA==","minInclusive":"{{range.Min}}","maxExclusive":"{{range.Max}}","ridPrefix":{{i}},"throughputFraction":0.5,"status":"online","parents":[]}""");
        return Tagged(Answer($$"""{"_rid":"{{ContainerRid}}","PartitionKeyRanges":[{{string.Join(',', ranges)}}],"_count":{{_partitions.Count}}}"""), 1, _partitions.Count);
    }

    // A continuation is how many of the partition's changes were read.
    private HttpResponseMessage Feed(HttpRequestMessage request)
    {
        var partition = int.Parse(Header("x-ms-documentdb-partitionkeyrangeid")!, CultureInfo.InvariantCulture);
        if (Down.Contains(partition))
        {
            return new HttpResponseMessage(HttpStatusCode.ServiceUnavailable) { Content = new StringContent("{}") };
        }

        var from = Header("If-None-Match") is { } etag ? int.Parse(etag.Trim('"'), CultureInfo.InvariantCulture) : 0;
        var page = _changes[partition].Skip(from).Take(int.Parse(Header("x-ms-max-item-count")!, CultureInfo.InvariantCulture)).ToList();
        return page.Count == 0
            ? Tagged(new HttpResponseMessage(HttpStatusCode.NotModified), from, 0)
            : Tagged(Answer($$"""{"_rid":"{{ContainerRid}}","Documents":[{{string.Join(',', page)}}],"_count":{{page.Count}}}"""), from + page.Count, page.Count);

        string? Header(string name) => request.Headers.TryGetValues(name, out var values) ? values.Single() : null;
    }

    internal static HttpResponseMessage Answer(string json) => new(HttpStatusCode.OK) { Content = new StringContent(json, Encoding.UTF8, "application/json") };

    internal static HttpResponseMessage Tagged(HttpResponseMessage response, int etag, int count)
    {
        response.Headers.TryAddWithoutValidation("etag", $"\"{etag}\"");
        response.Headers.Add("x-ms-item-count", count.ToString(CultureInfo.InvariantCulture));
        response.Headers.Add("x-ms-request-charge", "1");
        response.Headers.Add("x-ms-activity-id", Guid.NewGuid().ToString());
        return response;
    }
}
