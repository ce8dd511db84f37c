using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Revokes a key of a producer, which still needs one to send.</summary>
public sealed class RevokeProducerKey(AdministratorAccess access, ProducerKeyAdministration keys, TimeProvider time)
{
    /// <summary>Answers without content when the key is revoked.</summary>
    // DELETE http://localhost:7071/api/producers/policies/keys/0a1b2c3d4e5f
    [Function(nameof(RevokeProducerKey))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "producers/{name}/keys/{id}")] HttpRequest request,
        string name,
        string id,
        CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(RevokeProducerKey), async change =>
            !ProducerReader.IsName(name) ? ProducerResponse.NotFound()
            : !ProducerKeyText.IsId(id) ? ProducerKeyResponse.NotFound()
            : await change.MakeAsync(
                new("producerKey", ProducerKeyText.PrefixOf(name, id)),
                async () => new(ProducerKeyResponse.Of(name, await keys.RevokeAsync(name, id, change.Who, cancellationToken), time.GetUtcNow())),
                cancellationToken));
}
