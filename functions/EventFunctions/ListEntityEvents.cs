using EventFunctions.Entities;
using EventFunctions.Http;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows the history of one entity: its events, the newest by their own time first, page by page.</summary>
public sealed class ListEntityEvents(ProducerAccess access, EntityLookup entities, ContinuationToken tokens)
{
    /// <summary>Answers with one page.</summary>
    // GET http://localhost:7071/api/entities/~L2luc3VyYW5jZS9wb2xpY2llcw/policy-42/events?limit=20
    [Function(nameof(ListEntityEvents))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "entities/{source}/{subject}/events")] HttpRequest request,
        string source,
        string subject,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (EntityAddress.Read(source, subject) is not { } key)
        {
            return EntityAddress.NotFound();
        }

        if (!PageParameters.TryRead(request.Query, tokens, ["entity", key.Source, key.Subject], [], out var page, out var problem))
        {
            return problem;
        }

        return await access.ReadAsync(request, async reader =>
        {
            if (!ProducerAccess.MayRead(reader, key.Source))
            {
                return EntityAddress.NotFound();
            }

            try
            {
                var (items, continuation) = await entities.ListEventsAsync(key, page.Limit, page.Continuation, cancellationToken);
                return items.Count == 0 && page.Continuation is null
                    ? EntityAddress.NotFound()
                    : page.Respond(items, continuation, (writer, link) => EntityJson.Write(writer, key.Source, link));
            }
            catch (InvalidContinuationException)
            {
                return PageParameters.InvalidContinuation();
            }
        }, cancellationToken);
    }
}
