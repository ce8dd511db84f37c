using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Makes a key in the place of another, which stays valid for a while.</summary>
public sealed class RotateProducerKey(AdministratorAccess access, ProducerKeyReader reader, ProducerKeyAdministration keys, TimeProvider time)
{
    /// <summary>Answers with the new key, this once.</summary>
    // POST http://localhost:7071/api/producers/policies/keys/0a1b2c3d4e5f/rotate
    [Function(nameof(RotateProducerKey))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "producers/{name}/keys/{id}/rotate")] HttpRequest request,
        string name,
        string id,
        CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(RotateProducerKey), async change =>
        {
            if (!ProducerReader.IsName(name))
            {
                return ProducerResponse.NotFound();
            }

            if (!ProducerKeyText.IsId(id))
            {
                return ProducerKeyResponse.NotFound();
            }

            var (overlap, wrong) = await RotationRequest.ReadAsync<TimeSpan?>(request, reader.ReadOverlap, cancellationToken);
            return overlap is not { } length ? wrong! : await change.MakeAsync(
                new("producerKey", ProducerKeyText.PrefixOf(name, id)),
                async () => new(ProducerKeyResponse.Of(name, await keys.RotateAsync(name, id, length, change.Who, cancellationToken), time.GetUtcNow())),
                cancellationToken);
        });
}
