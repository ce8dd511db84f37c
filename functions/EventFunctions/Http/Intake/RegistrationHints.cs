using EventFunctions.CloudEvents;
using EventFunctions.Intake;
using EventFunctions.Producers;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>Names the registered sources or types after an unknown one, to callers that may see them.</summary>
/// <param name="administrators">See all sources and types; the holder of a producer's key sees its types.</param>
/// <param name="producers">Knows what is registered.</param>
public sealed class RegistrationHints(AdministratorAccess administrators, IProducerRegistry producers)
{
    private const int MaxNames = 10;

    /// <summary>Returns the result with hints in its refusals.</summary>
    /// <param name="request">The request.</param>
    /// <param name="keyOf">The producer whose key came; null if none came.</param>
    /// <param name="events">The events of the request.</param>
    /// <param name="result">What intake did with them.</param>
    /// <param name="cancellationToken">Cancels the lookup.</param>
    internal async Task<IntakeResult> AddAsync(
        HttpRequest request, Producer? keyOf, IReadOnlyList<EventNotification> events, IntakeResult result, CancellationToken cancellationToken)
    {
        if (!result.Refusals.Any(refusal => refusal.Reason is RefusalReason.UnknownSource or RefusalReason.TypeNotAllowed)
            || (keyOf is null && administrators.WhoIs(request) is null))
        {
            return result;
        }

        var refusals = new List<IntakeRefusal>(result.Refusals.Count);
        foreach (var refusal in result.Refusals)
        {
            refusals.Add(refusal with { Detail = refusal.Detail + await HintOfAsync(refusal) });
        }

        return result with { Refusals = [.. refusals] };

        async ValueTask<string> HintOfAsync(IntakeRefusal refusal) => refusal.Reason switch
        {
            RefusalReason.UnknownSource when keyOf is null =>
                Registered("sources", (await producers.ListAsync(cancellationToken)).Select(producer => producer.Source)),
            RefusalReason.TypeNotAllowed =>
                Registered("types", (await producers.FindBySourceAsync(events[refusal.Index].Source, cancellationToken))?.Types.Keys ?? []),
            _ => "",
        };
    }

    private static string Registered(string what, IEnumerable<string> names)
    {
        string[] sorted = [.. names.Order(StringComparer.Ordinal)];
        return sorted.Length == 0
            ? $" No {what} are registered."
            : $" Registered {what}: {string.Join(", ", sorted.Take(MaxNames).Select(name => $"\"{name}\""))}{(sorted.Length > MaxNames ? $" and {sorted.Length - MaxNames} more" : "")}.";
    }
}
