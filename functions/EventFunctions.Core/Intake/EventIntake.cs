using EventFunctions.Intake.Quotas;
using EventFunctions.Intake.Steps;
using EventFunctions.Producers;
using EventFunctions.Storage;
using EventFunctions.Telemetry;
using Microsoft.Extensions.Options;

namespace EventFunctions.Intake;

/// <summary>
/// Receives valid events: applies the rules, then runs the steps on the accepted events. Accepted events are durable; the relay publishes
/// those that could not be published.
/// </summary>
public sealed class EventIntake(
    IProducerRegistry producers,
    ProducerQuotas quotas,
    IntakeRules rules,
    RecordingStep recording,
    LinkingStep linking,
    FirstPublicationStep publication,
    IntakeReport report,
    TimeProvider time,
    IOptions<IntakeOptions> options)
{
    // A batch of 500 events with a hundred errors each would make a response of megabytes.
    private const int MaxRefusals = 500;

    /// <summary>Takes in the events of one request.</summary>
    /// <param name="request">The events, and how they came.</param>
    /// <param name="cancellationToken">Ends the call only before anything is written: what is recorded is also published.</param>
    /// <exception cref="StoreUnavailableException">The store did not respond in time; some of the events may be recorded.</exception>
    public async Task<IntakeResult> AcceptAsync(IntakeRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var items = await IntakeItems.FindAsync(producers, request, cancellationToken);
        try
        {
            items.ForEach(item => rules.Admit(item, request));

            // Before what costs time, because a sender in a loop may send invalid events. A feed keeps to the quota itself.
            if (request.Mode == IntakeMode.AllOrNothing && !items.Exists(item => item.IsRejected) && quotas.Take([.. items.Select(item => item.Producer!)]) is { } excess)
            {
                return new IntakeResult([], []) { Excess = excess };
            }

            if (request.Quota is { } quota)
            {
                items.RemoveAll(item => !item.IsRejected && !quota.Takes(item.Producer!));
            }

            Check(items, request);
            var isRejected = request.Mode == IntakeMode.AllOrNothing && items.Exists(item => item.IsRejected);
            var accepted = isRejected ? [] : items.FindAll(item => !item.IsRejected);
            cancellationToken.ThrowIfCancellationRequested();
            await RunStepsAsync(accepted, request.Channel);
            foreach (var item in items.Where(item => item.IsRejected || item.Outcome is not null))
            {
                report.Report(item);
            }

            var refusals = items.SelectMany(item => item.Refusals).Where((refusal, position) => request.Mode == IntakeMode.EachAlone || IsShown(refusal, position));
            return new IntakeResult([.. accepted.Select(item => item.Outcome!)], [.. refusals]);
        }
        catch (StoreUnavailableException e)
        {
            report.Report(e);
            items.ForEach(item => EventTracing.Fail(item.Span, nameof(StoreUnavailableException)));
            throw;
        }
        finally
        {
            items.ForEach(item => item.Span?.Dispose());
        }

        // One that exceeded the budget explains why the events behind it have no errors.
        static bool IsShown(IntakeRefusal refusal, int position) => refusal.ExceededBudget || position < MaxRefusals;
    }

    private void Check(List<IntakeItem> items, IntakeRequest request)
    {
        foreach (var item in items.Where(item => !item.IsRejected))
        {
            item.Encode(publication.Topic);
            if (rules.Check(item, request) == RuleResult.RejectRequest && request.Mode == IntakeMode.AllOrNothing)
            {
                break;
            }
        }
    }

    private async Task RunStepsAsync(List<IntakeItem> items, IntakeChannel channel)
    {
        if (items.Count == 0)
        {
            return;
        }

        var now = time.GetUtcNow();
        items.ForEach(item => item.Record = recording.RecordOf(item, channel, now));

        // From here on the request's own cancellation does not count: a half-finished event would wait for the relay.
        using var budget = new CancellationTokenSource(options.Value.StoreBudget, time);
        foreach (IIntakeStep step in (IIntakeStep[])[recording, linking, publication])
        {
            await step.RunAsync(items, budget.Token);
        }

        if (items.Find(item => item.Failure is not null) is { Failure: { } failure })
        {
            throw failure;
        }
    }
}
