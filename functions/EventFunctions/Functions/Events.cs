using EventFunctions.Http;
using EventFunctions.Intake.Refusals;
using EventFunctions.Producers.Definitions;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Reads events back.</summary>
public sealed class Events(ProducerAccess access, EventLookup events, EventRefusals refusals, ContinuationToken tokens)
{
    /// <summary>Lists records, newest first, page by page.</summary>
    // GET http://localhost:7071/api/events?status=failed,deadLettered&source=/insurance/policies&limit=20
    [Function(nameof(ListEvents))]
    public Task<IResult> ListEvents(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "events")] HttpRequest request, CancellationToken cancellationToken) =>
        access.ReadAsync(request, reader =>
        {
            var (filter, withData) = (new EventFilter(), true);
            return PageParameters.RespondAsync(
                request,
                tokens,
                [.. EventFilterParameters.Names, "data"],
                query =>
                {
                    filter = ProducerAccess.Limit(EventFilterParameters.Read(query), reader);
                    withData = query.Flag("data") ?? true;
                    return ContinuationToken.FiltersOf(filter);
                },
                async page =>
                {
                    var found = filter.Status == EventStatus.None
                        ? new EventPage([], null)
                        : await events.ListAsync(filter.Page(page.Limit, page.Continuation, withData), cancellationToken);
                    return page.Respond(found.Items, found.Continuation, (writer, record) => EventRecordJson.Write(writer, record, withData));
                });
        }, cancellationToken);

    /// <summary>Shows the record of one event with its timeline.</summary>
    // GET http://localhost:7071/api/events/renewal-42?source=/insurance/policies
    [Function(nameof(GetEvent))]
    public async Task<IResult> GetEvent(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "events/{id}")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        !EventAddress.TryRead(request, id, out var key, out var problem) ? problem : await access.ReadAsync(
            request,
            async reader => await events.ReadAsync(key, cancellationToken, reader) is { } record
                ? new JsonResponse(StatusCodes.Status200OK, writer => EventRecordJson.Write(writer, record))
                : EventAddress.NotFound(),
            cancellationToken);

    /// <summary>Returns the full data of one event as its producer sent it.</summary>
    // GET http://localhost:7071/api/events/renewal-42/data?source=/insurance/policies&run=0
    [Function(nameof(GetEventData))]
    public async Task<IResult> GetEventData(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "events/{id}/data")] HttpRequest request, string id, CancellationToken cancellationToken) =>
        !EventAddress.TryRead(request, id, out var key, out var problem) || !EventAddress.TryReadRun(request, out var run, out problem)
            ? problem
            : await access.ReadAsync(
                request, async reader => FullDataResponse.Of(await events.ReadDataAsync(key, run, cancellationToken, reader)), cancellationToken);

    /// <summary>Lists refused events of feeds and Event Grid subscriptions, newest first, page by page.</summary>
    // GET http://localhost:7071/api/refusals?producer=policies
    [Function(nameof(ListRefusals))]
    public Task<IResult> ListRefusals(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "refusals")] HttpRequest request, CancellationToken cancellationToken) =>
        PageParameters.RespondAsync(request, tokens, ["refusals"], ["producer"], page => access.ReadAsync(request, async reader =>
        {
            var producer = page["producer"] ?? reader?.Name;
            if (producer is not null && !ProducerReader.IsName(producer))
            {
                return RefusalResponse.NoProducer();
            }

            var found = reader is null || reader.Name == producer
                ? await refusals.ListAsync(producer, page.Limit, page.Continuation, cancellationToken)
                : new DocumentPage([], null);
            return page.Respond(found.Items, found.Continuation, RefusalResponse.Write);
        }, cancellationToken));
}
