using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers.Definitions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists the keys of a producer by their prefixes, ended ones included.</summary>
public sealed class ListProducerKeys(AdministratorAccess access, ProducerKeyAdministration keys, TimeProvider time)
{
    /// <summary>Answers with the keys, newest first; their texts are kept nowhere.</summary>
    // GET http://localhost:7071/api/producers/policies/keys
    [Function(nameof(ListProducerKeys))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "producers/{name}/keys")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
            ProducerReader.IsName(name) && await keys.ReadAsync(name, cancellationToken) is { } found
                ? ProducerKeyResponse.Of(found, time.GetUtcNow())
                : ProducerResponse.NotFound());
}
