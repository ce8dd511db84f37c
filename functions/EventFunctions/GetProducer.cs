using EventFunctions.Administration;
using EventFunctions.Http;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Registry;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows a producer's definition.</summary>
public sealed class GetProducer(AdministratorAccess access, FixedProducers settings, ProducerAdministration administration)
{
    /// <summary>Answers with the definition; its entity tag is what a change asks for.</summary>
    // GET http://localhost:7071/api/producers/policies
    [Function(nameof(GetProducer))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "producers/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
            settings.FindByName(name) is { } known ? ProducerResponse.Of(known)
            : ProducerReader.IsName(name) && await administration.ReadAsync(name, cancellationToken) is { } stored ? ProducerResponse.Of(stored)
            : ProducerResponse.NotFound());
}
