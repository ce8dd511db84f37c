using EventFunctions.Entities;
using EventFunctions.Http;
using EventFunctions.Queries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Lists and shows entities.</summary>
public sealed class Entities(ProducerAccess access, EntityLookup entities, ContinuationToken tokens)
{
    /// <summary>Lists entities, those with the newest events first, page by page.</summary>
    // GET http://localhost:7071/api/entities?source=/insurance/policies&limit=20
    [Function(nameof(ListEntities))]
    public Task<IResult> ListEntities(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "entities")] HttpRequest request, CancellationToken cancellationToken) =>
        PageParameters.RespondAsync(request, tokens, ["entities"], ["source"], page => access.ReadAsync(request, async reader =>
        {
            var source = page["source"] ?? reader?.OnlySource;
            var (items, continuation) = ProducerAccess.MayRead(reader, source)
                ? await entities.ListAsync(source, reader?.Name, page.Limit, page.Continuation, cancellationToken)
                : ([], null);
            return page.Respond(items, continuation, EntityJson.Write);
        }, cancellationToken));

    /// <summary>Shows one entity.</summary>
    // GET http://localhost:7071/api/entities/~L2luc3VyYW5jZS9wb2xpY2llcw/policy-42
    [Function(nameof(GetEntity))]
    public async Task<IResult> GetEntity(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "entities/{source}/{subject}")] HttpRequest request,
        string source,
        string subject,
        CancellationToken cancellationToken) =>
        EntityAddress.Read(source, subject) is not { } key ? EntityAddress.NotFound() : await access.ReadAsync(
            request,
            async reader => ProducerAccess.MayRead(reader, key.Source) && await entities.ReadAsync(key, reader?.Name, cancellationToken) is { } entity
                ? new JsonResponse(StatusCodes.Status200OK, writer => EntityJson.Write(writer, entity))
                : EntityAddress.NotFound(),
            cancellationToken);

    /// <summary>Lists the events of one entity, newest first by their own time, page by page.</summary>
    // GET http://localhost:7071/api/entities/~L2luc3VyYW5jZS9wb2xpY2llcw/policy-42/events?limit=20
    [Function(nameof(ListEntityEvents))]
    public async Task<IResult> ListEntityEvents(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "entities/{source}/{subject}/events")] HttpRequest request,
        string source,
        string subject,
        CancellationToken cancellationToken) =>
        EntityAddress.Read(source, subject) is not { } key ? EntityAddress.NotFound() : await PageParameters.RespondAsync(
            request, tokens, ["entity", key.Source, key.Subject], [], page => access.ReadAsync(request, async reader =>
            {
                var (items, continuation) = ProducerAccess.MayRead(reader, key.Source)
                    ? await entities.ListEventsAsync(key, reader?.Name, page.Limit, page.Continuation, cancellationToken)
                    : ([], null);
                return items.Count == 0 && page.Continuation is null
                    ? EntityAddress.NotFound()
                    : page.Respond(items, continuation, EntityJson.Write);
            }, cancellationToken));
}
