using EventFunctions.Http;
using EventFunctions.Intake.Feeds;
using EventFunctions.Monitoring;
using EventFunctions.Producers;
using EventFunctions.Queries;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Shows a producer's state: its newest event, its expectations, and the progress of its feed.</summary>
public sealed class ProducerStates(
    AdministratorAccess access, IProducerRegistry producers, EventLookup events, ExpectationReader expectations, FeedProgressReader feeds)
{
    /// <summary>Answers with the state.</summary>
    // GET http://localhost:7071/api/producers/policies/state
    [Function(nameof(GetProducerState))]
    public Task<IResult> GetProducerState(
        [HttpTrigger(AuthorizationLevel.Function, "get", "head", Route = "producers/{name}/state")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
        {
            if (await producers.FindByNameAsync(name, cancellationToken) is not { } producer)
            {
                return ProducerResponse.NotFound();
            }

            var newest = await events.ListAsync(new EventQuery { Source = producer.OnlySource, Producer = producer.Name, WithData = false, Limit = 1 }, cancellationToken);
            return ProducerStateResponse.Of(
                newest.Items.Count == 0 ? null : newest.Items[0],
                await expectations.ReadAsync(producer, cancellationToken),
                await feeds.ReadAsync(producer, cancellationToken));
        });
}
