using EventFunctions.Http;
using EventFunctions.Intake;
using EventFunctions.Intake.Messages;
using EventFunctions.Producers;
using EventFunctions.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;

namespace EventFunctions.Functions;

/// <summary>Shows what would happen to an event or message. Nothing is stored.</summary>
public sealed class DryRuns(
    AdministratorAccess access, IProducerRegistry registry, MessageVerifier verifier, PlatformPrincipal callers, EventDryRun dryRun, IEventStore store)
{
    private const int MaxCompared = 20;

    /// <summary>A dry run: what would happen to events of a producer, with nothing stored.</summary>
    // POST http://localhost:7071/api/producers/policies/try
    [Function(nameof(TryEvent))]
    public Task<IResult> TryEvent(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "producers/{name}/try")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
        {
            if (await registry.FindByNameAsync(name, cancellationToken) is not { } producer)
            {
                return ProducerResponse.NotFound();
            }

            using var hold = BodyBudget.Unbounded.Hold();
            var (events, problem) = await EventRequest.ReadAsync(request, hold, cancellationToken);
            return events is not null ? DryRunResponse.Of([.. events.Reading.Events.Select(notification => dryRun.Run(producer, notification))], events.IsBatch)
                : problem!.Errors.Count > 0 ? DryRunResponse.Of(problem.Errors)
                : problem;
        });

    /// <summary>A dry run of a producer's own message: which event it means, whether it is signed as it should be, and what would happen, with nothing stored.</summary>
    // POST http://localhost:7071/api/producers/policies/try-message
    [Function(nameof(TryMessage))]
    public Task<IResult> TryMessage(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "producers/{name}/try-message")] HttpRequest request, string name, CancellationToken cancellationToken) =>
        access.RunAsync(request, async _ =>
        {
            if (await registry.FindByNameAsync(name, cancellationToken) is not { } producer)
            {
                return ProducerResponse.NotFound();
            }

            if (producer.Messages is not { } mapping)
            {
                return new Problem(StatusCodes.Status400BadRequest, $"The producer \"{name}\" does not accept messages. Add \"messages\" to its definition.");
            }

            if (MessageRequest.WrongHeaders(request) is { } wrong)
            {
                return wrong;
            }

            var (body, problem) = await RequestBody.ReadAsync(request, cancellationToken);
            if (body is null)
            {
                return problem!;
            }

            using (body)
            {
                var message = MessageRequest.EnvelopeOf(request, body.Bytes);
                var notVerified = verifier.Refusal(producer, message, callers.ObjectIdOf(request));
                var reading = MessageReader.Read(producer.Source, mapping, message, producer.Verification?.Signature);
                if (!reading.IsValid)
                {
                    return DryRunResponse.Of(notVerified, reading);
                }

                var results = new List<MessageDryRun>();
                foreach (var read in reading.Events)
                {
                    var recorded = results.Count < MaxCompared ? await store.ReadAsync(read.Event.Key, cancellationToken) : null;
                    results.Add(new MessageDryRun(dryRun.Run(producer, read.Event), AttemptWarnings.Of(producer, read, recorded)));
                }

                return DryRunResponse.Of(notVerified, results, mapping);
            }
        });
}
