using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers.Definitions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Removes all keys of a producer, which then needs none to send.</summary>
public sealed class RemoveProducerKeys(AdministratorAccess access, ProducerKeyAdministration keys, TimeProvider time)
{
    /// <summary>Answers without content when there are none.</summary>
    // DELETE http://localhost:7071/api/producers/policies/keys
    [Function(nameof(RemoveProducerKeys))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "producers/{name}/keys")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(RemoveProducerKeys), async change => ProducerReader.IsName(name)
            ? await change.MakeAsync(
                new("producer", name),
                async () => new(ProducerKeyResponse.Of(name, await keys.RemoveAllAsync(name, cancellationToken), time.GetUtcNow())),
                cancellationToken)
            : ProducerResponse.NotFound());
}
