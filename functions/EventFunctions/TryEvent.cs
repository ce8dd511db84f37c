using EventFunctions.Http;
using EventFunctions.Intake;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions;

/// <summary>A dry run: what would happen to events of a producer, with nothing stored.</summary>
public sealed class TryEvent(AdministratorAccess access, IProducerRegistry registry, EventDryRun trial)
{
    /// <summary>Answers with errors, entity, rules, and where data would be fetched from.</summary>
    // POST http://localhost:7071/api/producers/policies/try
    [Function(nameof(TryEvent))]
    public Task<IResult> RunAsync(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "producers/{name}/try")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
        {
            if (await registry.FindByNameAsync(name, cancellationToken) is not { } producer)
            {
                return ProducerResponse.NotFound();
            }

            using var hold = BodyBudget.Unbounded.Hold();
            var (events, problem) = await EventRequest.ReadAsync(request, hold, cancellationToken);
            return events is not null ? DryRunResponse.Of([.. events.Reading.Events.Select(notification => trial.Run(producer, notification))], events.IsBatch)
                : problem!.Errors.Count > 0 ? DryRunResponse.Of(problem.Errors)
                : problem;
        });
}
