using System.Collections.Immutable;
using EventFunctions.Records;
using EventFunctions.Webhooks.Deliveries;

namespace EventFunctions.Webhooks.Endpoints;

/// <summary>What an attempt that failed makes of an endpoint's state: pure rules.</summary>
internal static class EndpointHealth
{
    // Nobody is left alone for longer because of what they ask.
    private static readonly TimeSpan MaxHold = TimeSpan.FromHours(1);

    /// <summary>The shares, in per cent, of the time until a webhook is disabled, at which a warning is published.</summary>
    public static ImmutableArray<int> Milestones { get; } = [50, 70, 90, 100];

    /// <summary>The state after an attempt that failed.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="failure">The failure.</param>
    /// <param name="options">The settings.</param>
    /// <param name="now">The time.</param>
    public static EndpointState Failed(EndpointState state, EndpointFailure failure, DeliveryOptions options, DateTimeOffset now)
    {
        now = UtcMilliseconds.Cut(now);
        var next = state with { FailingSince = state.FailingSince ?? now };

        // An attempt that began before the break, or another instance's probe, says nothing new.
        if ((failure.IsProbe || failure.InARow >= options.BreakAfter) && !(state.BreakUntil > now))
        {
            next = next with { Breaks = state.Breaks + 1, BreakUntil = UtcMilliseconds.Cut(now + BreakOf(state.Breaks + 1, options)) };
        }

        if (failure.Hold is { } hold && now + Min(hold, MaxHold) is var until && !(next.BreakUntil >= until))
        {
            next = next with { BreakUntil = UtcMilliseconds.Cut(until) };
        }

        // One after the other, however long it has been: whoever is rarely sent anything is warned, too.
        var percent = (now - next.FailingSince.Value) / options.DisableAfter * 100;
        var milestone = Milestones.FirstOrDefault(milestone => milestone > state.ShownPercent);
        return milestone == 0 || percent < milestone || state.Notice is not null ? next
            : next.With(new EndpointNotice(now, milestone, WebhookDisabledReason.Failing, next.FailingSince.Value));
    }

    private static TimeSpan BreakOf(int breaks, DeliveryOptions options)
    {
        var time = options.BreakTime * Math.Pow(2, Math.Min(breaks - 1, 20));
        return Min(time, options.MaxBreakTime);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}

/// <summary>An attempt that failed.</summary>
/// <param name="InARow">How many have failed in a row, with this one, as far as this instance knows.</param>
/// <param name="IsProbe">Whether it was to find out whether the endpoint is back.</param>
/// <param name="Hold">For how long the endpoint asks to be left alone; null where it does not.</param>
internal readonly record struct EndpointFailure(int InARow, bool IsProbe, TimeSpan? Hold);
