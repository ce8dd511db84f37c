using System.Diagnostics.Metrics;
using Microsoft.Azure.Cosmos;

namespace EventFunctions.Azure.Cosmos;

/// <summary>
/// Records what each operation costs, as OpenTelemetry's conventions for Azure Cosmos DB name it: histogram
/// <c>azure.cosmosdb.client.operation.request_charge</c> of meter <c>EventFunctions.Cosmos</c>, in request units.
/// </summary>
internal sealed class RequestCharges(Meter meter) : RequestHandler
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "EventFunctions.Cosmos";

    private readonly Histogram<double> _charge = meter.CreateHistogram<double>(
        "azure.cosmosdb.client.operation.request_charge", "{request_unit}", "Request units consumed by an operation.");

    /// <inheritdoc/>
    public override async Task<ResponseMessage> SendAsync(RequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (_charge.Enabled && response.Headers.RequestCharge is > 0 and var charge)
        {
            _charge.Record(
                charge,
                new("db.system.name", "azure.cosmosdb"),
                new("db.operation.name", OperationOf(request)),
                new("db.response.status_code", (int)response.StatusCode));
        }

        return response;
    }

    private static string OperationOf(RequestMessage request) => request.Method.Method switch
    {
        "GET" when request.Headers.GetValueOrDefault("A-IM") is not null => "query_change_feed",
        "GET" => "read_item",
        "PATCH" => "patch_item",
        "PUT" => "replace_item",
        "DELETE" => "delete_item",
        _ when request.Headers.ContentType == "application/query+json" => "query_items",
        _ when request.Headers.GetValueOrDefault("x-ms-documentdb-is-upsert") is not null => "upsert_item",
        _ => "create_item",
    };
}
