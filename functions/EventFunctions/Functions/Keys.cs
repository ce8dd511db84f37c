using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Keys;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Issues, rotates and revokes the keys of producers.</summary>
public sealed class Keys(AdministratorAccess access, ProducerKeyReader reader, ProducerKeyAdministration keys, TimeProvider time)
{
    /// <summary>Lists the keys of a producer by their prefixes, ended ones included.</summary>
    // GET http://localhost:7071/api/producers/policies/keys
    [Function(nameof(ListProducerKeys))]
    public Task<IResult> ListProducerKeys(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "producers/{name}/keys")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
            ProducerReader.IsName(name) && await keys.ReadAsync(name, cancellationToken) is { } found
                ? ProducerKeyResponse.Of(found, time.GetUtcNow())
                : ProducerResponse.NotFound());

    /// <summary>Makes a key of a producer, which then needs one to send.</summary>
    // POST http://localhost:7071/api/producers/policies/keys
    [Function(nameof(CreateProducerKey))]
    public Task<IResult> CreateProducerKey(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "producers/{name}/keys")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(CreateProducerKey), async change =>
        {
            if (!ProducerReader.IsName(name))
            {
                return ProducerResponse.NotFound();
            }

            var (asked, wrong) = await RotationRequest.ReadAsync<ProducerKeyRequest?>(request, reader.Read, cancellationToken);
            return asked is null ? wrong! : await change.MakeAsync(
                new("producer", name),
                async () =>
                {
                    var outcome = await keys.CreateAsync(name, asked, change.Who, cancellationToken);
                    return new(ProducerKeyResponse.Of(name, outcome, time.GetUtcNow()))
                    {
                        Created = outcome.Key is { } key ? new("producerKey", ProducerKeyText.PrefixOf(name, key.Id)) : null,
                    };
                },
                cancellationToken);
        });

    /// <summary>Makes a key in the place of another, which stays valid for a while.</summary>
    // POST http://localhost:7071/api/producers/policies/keys/0a1b2c3d4e5f/rotate
    [Function(nameof(RotateProducerKey))]
    public Task<IResult> RotateProducerKey(
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

    /// <summary>Revokes a key of a producer, which still needs one to send.</summary>
    // DELETE http://localhost:7071/api/producers/policies/keys/0a1b2c3d4e5f
    [Function(nameof(RevokeProducerKey))]
    public Task<IResult> RevokeProducerKey(
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

    /// <summary>Removes all keys of a producer, which then needs none to send.</summary>
    // DELETE http://localhost:7071/api/producers/policies/keys
    [Function(nameof(RemoveProducerKeys))]
    public Task<IResult> RemoveProducerKeys(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "producers/{name}/keys")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(RemoveProducerKeys), async change => ProducerReader.IsName(name)
            ? await change.MakeAsync(
                new("producer", name),
                async () => new(ProducerKeyResponse.Of(name, await keys.RemoveAllAsync(name, cancellationToken), time.GetUtcNow())),
                cancellationToken)
            : ProducerResponse.NotFound());
}
