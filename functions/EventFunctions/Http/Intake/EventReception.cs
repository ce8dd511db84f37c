using EventFunctions.Intake;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Accepts posted events.</summary>
/// <param name="limits">Limits the memory that bodies take.</param>
/// <param name="callers">Who calls.</param>
/// <param name="intake">Accepts the events.</param>
/// <param name="hints">Adds what is registered to refusals.</param>
/// <param name="refusals">Records refused requests.</param>
/// <param name="grid">Accepts what Event Grid subscriptions deliver.</param>
public sealed class EventReception(
    BodyLimits limits, PlatformPrincipal callers, EventIntake intake, RegistrationHints hints, IntakeRefusals refusals, EventGridReception grid)
{
    /// <summary>Responds when every event is durable.</summary>
    /// <param name="request">The request.</param>
    /// <param name="keyOf">The producer whose key came; null if none came.</param>
    /// <param name="cancellationToken">Cancels the reading.</param>
    internal async Task<IResult> ReceiveAsync(HttpRequest request, Producer? keyOf, CancellationToken cancellationToken)
    {
        // Held until the response: an event of an unknown source waits for the registry.
        using var hold = limits.Events.Hold();
        if (EventGridReception.IsDelivery(request))
        {
            return await grid.ReceiveAsync(request, keyOf, hold, cancellationToken);
        }

        var (events, problem) = await EventRequest.ReadAsync(request, hold, cancellationToken);
        if (events is null)
        {
            refusals.Record(RefusalReasonName.Invalid, "a request without valid events", problem!.Detail);
            return problem;
        }

        var result = await intake.AcceptAsync(new IntakeRequest(events.Reading.Events, IntakeChannel.Post, callers.CallerOf(request, keyOf)), cancellationToken);
        return IntakeResponse.From(await hints.AddAsync(request, keyOf, events.Reading.Events, result, cancellationToken), events.IsBatch);
    }
}
