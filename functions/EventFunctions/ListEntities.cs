using EventFunctions.Entities;
using EventFunctions.Http;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists entities, those with the newest events first, page by page.</summary>
public sealed class ListEntities(ProducerAccess access, EntityLookup entities, ContinuationToken tokens)
{
    /// <summary>Answers with one page.</summary>
    // GET http://localhost:7071/api/entities?source=/insurance/policies&limit=20
    [Function(nameof(ListEntities))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "entities")] HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!PageParameters.TryRead(request.Query, tokens, ["entities"], ["source"], out var page, out var problem))
        {
            return problem;
        }

        return await access.ReadAsync(request, async reader =>
        {
            if (!ProducerAccess.MayRead(reader, page["source"] ?? reader?.Source))
            {
                return page.Respond(Array.Empty<EntitySummary>(), null, (writer, entity) => EntityJson.Write(writer, entity));
            }

            try
            {
                var (items, continuation) = await entities.ListAsync(page["source"] ?? reader?.Source, page.Limit, page.Continuation, cancellationToken);
                return page.Respond(items, continuation, (writer, entity) => EntityJson.Write(writer, entity));
            }
            catch (InvalidContinuationException)
            {
                return PageParameters.InvalidContinuation();
            }
        }, cancellationToken);
    }
}
