using EventFunctions.Events;
using EventFunctions.Intake;
using EventFunctions.Ports;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>
/// Whether whoever posts events may post their sources: where a producer names callers, they alone, whatever key comes with
/// the request. A host that is not told who calls lets nobody post for such a producer.
/// </summary>
/// <param name="producers">Knows the callers.</param>
/// <param name="principals">Knows who calls.</param>
public sealed class CallerCheck(IProducerRegistry producers, PlatformPrincipal principals)
{
    /// <summary>Checks the events of a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="events">Its events.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>A refusal for each event that may not be posted.</returns>
    internal async ValueTask<IReadOnlyList<IntakeRefusal>> CheckAsync(
        HttpRequest request, IReadOnlyList<EventNotification> events, CancellationToken cancellationToken)
    {
        List<IntakeRefusal>? refusals = null;
        string? caller = null;
        for (var index = 0; index < events.Count; index++)
        {
            if (await producers.FindBySourceAsync(events[index].Source, cancellationToken) is { Callers.Count: > 0 } producer
                && !((caller ??= principals.ObjectIdOf(request)) is { } id && producer.Callers.Contains(id)))
            {
                (refusals ??= []).Add(new IntakeRefusal(index, RefusalReason.CallerNotAllowed, "source", principals.IsTold
                    ? $"Only its callers may post events of the producer \"{producer.Name}\"; send the token of one of them."
                    : $"Only its callers may post events of the producer \"{producer.Name}\", and this host is not told who calls: App Service authentication is off."));
            }
        }

        return refusals ?? [];
    }
}
