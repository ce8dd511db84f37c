using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Registers a producer, or changes one.</summary>
public sealed class PutProducer(AdministratorAccess access, ProducerReader reader, ProducerAdministration administration)
{
    /// <summary>Answers with the definition as it is kept, when it is durable.</summary>
    // PUT http://localhost:7071/api/producers/policies
    [Function(nameof(PutProducer))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "producers/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(PutProducer), async change =>
        {
            if (!PreconditionHeaders.TryRead(request, out var precondition, out var problem))
            {
                return problem;
            }

            var (producer, wrong) = await DefinitionRequest.ReadAsync<Producer>(request, name, reader.Read, cancellationToken);
            return producer is null ? wrong! : await change.MakeAsync(
                new("producer", name),
                async () => ProducerResponse.ResultOf(await administration.PutAsync(producer, precondition, change.Who, cancellationToken)),
                cancellationToken);
        });
}
