using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers.Definitions;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Removes a producer from the registry; its events and its history stay.</summary>
public sealed class DeleteProducer(AdministratorAccess access, ProducerAdministration administration)
{
    /// <summary>Answers without content when it is gone.</summary>
    // DELETE http://localhost:7071/api/producers/policies
    [Function(nameof(DeleteProducer))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "producers/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(DeleteProducer), async change =>
            !PreconditionHeaders.TryRead(request, out var precondition, out var problem) ? problem
            : !ProducerReader.IsName(name) ? ProducerResponse.NotFound()
            : await change.MakeAsync(
                new("producer", name),
                async () => ProducerResponse.ResultOf(await administration.DeleteAsync(name, precondition, change.Who, cancellationToken)),
                cancellationToken));
}
