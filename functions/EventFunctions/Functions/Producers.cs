using EventFunctions.Administration;
using EventFunctions.CloudEvents;
using EventFunctions.Http;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;
using EventFunctions.Producers.Registry;
using EventFunctions.Queries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Registers producers.</summary>
public sealed class Producers(
    AdministratorAccess access,
    IProducerRegistry registry,
    FixedProducers settings,
    ProducerAdministration administration,
    ProducerReader reader,
    ProducerRequirements requirements,
    ContinuationToken tokens)
{
    /// <summary>Lists the producers of settings and store in the order of their names, page by page.</summary>
    // GET http://localhost:7071/api/producers?limit=20
    [Function(nameof(ListProducers))]
    public Task<IResult> ListProducers(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "producers")] HttpRequest request, CancellationToken cancellationToken) =>
        access.RunAsync(request, _ => PageParameters.RespondAsync(
            request, tokens, ["producers"], [], async page => ProducerResponse.Of(await registry.ListAsync(cancellationToken), page)));

    /// <summary>Shows a producer's definition.</summary>
    // GET http://localhost:7071/api/producers/policies
    [Function(nameof(GetProducer))]
    public Task<IResult> GetProducer(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "producers/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
            settings.FindByName(name) is { } known ? ProducerResponse.Of(known)
            : ProducerReader.IsName(name) && await administration.ReadAsync(name, cancellationToken) is { } stored ? ProducerResponse.Of(stored)
            : ProducerResponse.NotFound());

    /// <summary>Registers a producer, or changes one.</summary>
    // PUT http://localhost:7071/api/producers/policies
    [Function(nameof(PutProducer))]
    public Task<IResult> PutProducer(
        [HttpTrigger(AuthorizationLevel.Function, "put", Route = "producers/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(PutProducer), async change =>
        {
            if (!PreconditionHeaders.TryRead(request, out var precondition, out var problem))
            {
                return problem;
            }

            var (producer, wrong) = await DefinitionRequest.ReadAsync<Producer>(request, name, Read, cancellationToken);
            return producer is null ? wrong! : await change.MakeAsync(
                new("producer", name),
                async () => ProducerResponse.ResultOf(await administration.PutAsync(producer, precondition, change.Who, cancellationToken)),
                cancellationToken);
        });

    /// <summary>Removes a producer from the registry; its events and its history stay.</summary>
    // DELETE http://localhost:7071/api/producers/policies
    [Function(nameof(DeleteProducer))]
    public Task<IResult> DeleteProducer(
        [HttpTrigger(AuthorizationLevel.Function, "delete", Route = "producers/{name}")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.ChangeAsync(request, nameof(DeleteProducer), async change =>
            !PreconditionHeaders.TryRead(request, out var precondition, out var problem) ? problem
            : !ProducerReader.IsName(name) ? ProducerResponse.NotFound()
            : await change.MakeAsync(
                new("producer", name),
                async () => ProducerResponse.ResultOf(await administration.DeleteAsync(name, precondition, change.Who, cancellationToken)),
                cancellationToken));

    /// <summary>Tells who changed a producer and when, newest first, page by page.</summary>
    // GET http://localhost:7071/api/producers/policies/history
    [Function(nameof(GetProducerHistory))]
    public Task<IResult> GetProducerHistory(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "producers/{name}/history")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, _ => PageParameters.RespondAsync(request, tokens, ["producers", name, "history"], [], async page =>
            ProducerReader.IsName(name) && await administration.ReadHistoryAsync(name, page.Limit, page.Continuation, cancellationToken) is { } history
                ? ProducerResponse.Of(history, page)
                : ProducerResponse.NotFound()));

    private Producer? Read(ReadOnlySpan<byte> utf8, string name, out IReadOnlyList<EventError> errors) =>
        reader.Read(utf8, name, out errors, requirements.Missing);
}
