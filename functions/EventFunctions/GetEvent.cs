using EventFunctions.Http;
using EventFunctions.Queries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Shows the record of one event with its timeline.</summary>
public sealed class GetEvent(ProducerAccess access, EventLookup events)
{
    /// <summary>Answers with the record.</summary>
    // GET http://localhost:7071/api/events/renewal-42?source=/insurance/policies
    [Function(nameof(GetEvent))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "events/{id}")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        if (!EventAddress.TryRead(request, id, out var key, out var problem))
        {
            return problem;
        }

        return await access.ReadAsync(
            request,
            async reader => await events.ReadAsync(key, cancellationToken, reader) is { } record
                ? new JsonResponse(StatusCodes.Status200OK, writer => EventRecordJson.Write(writer, record))
                : EventAddress.NotFound(),
            cancellationToken);
    }
}
