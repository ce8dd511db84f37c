using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers.Definitions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Makes a key of a producer, which then needs one to send.</summary>
public sealed class CreateProducerKey(AdministratorAccess access, ProducerKeyReader reader, ProducerKeyAdministration keys, TimeProvider time)
{
    /// <summary>Answers with the key, this once.</summary>
    // POST http://localhost:7071/api/producers/policies/keys
    [Function(nameof(CreateProducerKey))]
    public Task<IResult> RunAsync(
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
                async () => new(ProducerKeyResponse.Of(name, await keys.CreateAsync(name, asked, change.Who, cancellationToken), time.GetUtcNow())),
                cancellationToken);
        });
}
