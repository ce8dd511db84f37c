using System.Diagnostics.Metrics;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Azure.Core;
using EventFunctions.Records.Documents;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>Makes the process's one client.</summary>
internal static class CosmosClients
{
    /// <summary>How long a point operation may take with all its retries: a producer waits for it.</summary>
    public static readonly TimeSpan PointBudget = TimeSpan.FromSeconds(3);

    /// <summary>How long a query may take with all its retries.</summary>
    public static readonly TimeSpan ScanBudget = TimeSpan.FromSeconds(20);

    /// <param name="options">Valid settings.</param>
    /// <param name="credential">Gives the service's identity, where there is no key.</param>
    /// <param name="meter">Takes request charges.</param>
    /// <param name="adjust">Changes the client's options; for tests.</param>
    public static CosmosClient Create(CosmosOptions options, Func<TokenCredential> credential, Meter meter, Action<CosmosClientOptions>? adjust = null)
    {
        var client = new CosmosClientOptions
        {
            ApplicationName = "EventFunctions",
            ConnectionMode = options.Mode,
            EnableContentResponseOnWrite = false,
            RequestTimeout = PointBudget,

            // What asks for a longer pause is answered at once, with that pause: somebody else may wait.
            MaxRetryWaitTimeOnRateLimitedRequests = TimeSpan.FromSeconds(2),

            // Documents are read and written here; the SDK writes no more than parameters and patched values.
            UseSystemTextJsonSerializerWithOptions = new JsonSerializerOptions(DocumentJson.Options)
            {
                TypeInfoResolver = JsonTypeInfoResolver.Combine(DocumentJson.Options.TypeInfoResolver, ItemContext.Default),
            },
            CustomHandlers = { new RequestCharges(meter) },
        };
        adjust?.Invoke(client);
        return (options.ConnectionString, options.Key) switch
        {
            ({ Length: > 0 } connection, _) => new CosmosClient(connection, client),
            (_, { Length: > 0 } key) => new CosmosClient(options.Endpoint, key, client),
            _ => new CosmosClient(options.Endpoint, credential(), client),
        };
    }
}
