using EventFunctions.Entities;
using EventFunctions.Records;
using EventFunctions.Runtime;
using EventFunctions.Storage;

namespace EventFunctions.Intake.Steps;

/// <summary>
/// Links filtered events to their entities: no later stage sees them. A repeat writes the link again, because the request that recorded the
/// event may have ended before.
/// </summary>
public sealed class LinkingStep(EntityLinks links) : IIntakeStep
{
    private const int MaxConcurrentWrites = 32;

    Task IIntakeStep.RunAsync(IReadOnlyList<IntakeItem> items, CancellationToken budget) =>
        items.Where(IsToLink).ToList() is { Count: > 0 } filtered
            ? Parallel.ForEachAsync(
                filtered,
                BackgroundTask.InParallel(MaxConcurrentWrites, CancellationToken.None),
                (item, _) => LinkAsync(item, budget))
            : Task.CompletedTask;

    private static bool IsToLink(IntakeItem item) =>
        item is { Record: { Status: EventStatus.Filtered, Linked: true }, Outcome: { Verdict: not IntakeVerdict.Conflict } };

    private async ValueTask LinkAsync(IntakeItem item, CancellationToken budget)
    {
        try
        {
            await links.WriteAsync(item.Record!, null, item.Record!.TimeToLive, budget).WaitAsync(budget);
        }
        catch (Exception e) when (e is StoreUnavailableException or OperationCanceledException)
        {
            // The events beside it are recorded and have to be published.
            item.Failure = e as StoreUnavailableException ?? new StoreUnavailableException("The store did not write the link in time.", e);
        }
    }
}
