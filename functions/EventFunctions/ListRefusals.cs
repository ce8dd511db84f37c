using EventFunctions.Http;
using EventFunctions.Intake.Feeds;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Lists the events of a producer's feed that were refused, newest first, page by page.</summary>
public sealed class ListRefusals(ProducerAccess access, FeedRefusals refusals, ContinuationToken continuation)
{
    /// <summary>Answers with one page.</summary>
    // GET http://localhost:7071/api/refusals?producer=policies
    [Function(nameof(ListRefusals))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "refusals")] HttpRequest request, CancellationToken cancellationToken)
    {
        if (!RefusalQuery.TryRead(request.Query, continuation, out var query, out var problem))
        {
            return problem;
        }

        return await access.ReadAsync(request, async reader =>
        {
            if (reader is not null && reader.Name != query.Producer)
            {
                return RefusalResponse.From(new DocumentPage([], null), next => next);
            }

            try
            {
                var page = await refusals.ListAsync(query.Producer, query.Limit, query.Continuation, cancellationToken);
                return RefusalResponse.From(page, next => continuation.Protect(RefusalQuery.FiltersOf(query.Producer), next));
            }
            catch (InvalidContinuationException)
            {
                return RefusalQuery.InvalidContinuation();
            }
        }, cancellationToken);
    }
}
