using System.Globalization;
using EventFunctions.Http;
using EventFunctions.Queries;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>Hands out the full data of one event as its producer sent it.</summary>
public sealed class GetEventData(ProducerAccess access, EventLookup events)
{
    /// <summary>Answers with the bytes.</summary>
    // GET http://localhost:7071/api/events/renewal-42/data?source=/insurance/policies&run=0
    [Function(nameof(GetEventData))]
    public async Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "events/{id}/data")] HttpRequest request, string id, CancellationToken cancellationToken)
    {
        if (!EventAddress.TryRead(request, id, out var key, out var problem))
        {
            return problem;
        }

        var asked = request.Query["run"];
        int? run = asked is [{ } text] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
        if (asked.Count > 0 && run is null)
        {
            return new Problem(StatusCodes.Status400BadRequest, "The data is that of a run, or of the newest.")
            {
                Parameters = [new("run", "A run is a number from 0, given once.")],
            };
        }

        return await access.ReadAsync(
            request,
            async reader => await events.ReadDataAsync(key, run, cancellationToken, reader) is { } data
                ? data.Erased ? FullDataResponse.Erased() : new FullDataResponse(data)
                : FullDataResponse.NotFound(),
            cancellationToken);
    }
}
