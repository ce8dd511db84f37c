using System.Globalization;

namespace EventFunctions.Storage;

/// <summary>The times at which the setting <c>TickSchedule</c> asks for a tick.</summary>
public sealed class TickSchedule
{
    /// <summary>The setting's name.</summary>
    public const string Setting = "TickSchedule";

    // A timer is early or late by some seconds now and then.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private readonly Func<DateTimeOffset, DateTimeOffset> _next;

    private TickSchedule(Func<DateTimeOffset, DateTimeOffset> next) => _next = next;

    /// <summary>Reads the setting.</summary>
    /// <param name="setting">NCRONTAB, or the time between two ticks; what is neither counts as every minute.</param>
    public static TickSchedule Of(string? setting)
    {
        var text = setting?.Trim() ?? "";
        if (TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var interval) && interval > TimeSpan.Zero)
        {
            return new(last => last + interval);
        }

        return TimerSchedule.TryParse(text) is { } schedule
            ? new(last => new DateTimeOffset(schedule.GetNextOccurrence(last.UtcDateTime), TimeSpan.Zero))
            : new(last => last + TimeSpan.FromMinutes(1));
    }

    /// <summary>Returns for how long a tick has been due.</summary>
    /// <param name="last">The last tick.</param>
    /// <param name="now">The time now.</param>
    /// <returns>Zero if none is due, or none is late by more than timers usually are.</returns>
    public TimeSpan Overdue(DateTimeOffset last, DateTimeOffset now) =>
        now - _next(last + Slack) is var late && late > Slack ? late : TimeSpan.Zero;

    /// <summary>Returns how long the parts of a tick may work, so that it ends before the next one.</summary>
    /// <param name="longest">The longest time.</param>
    /// <param name="now">The time now.</param>
    public TimeSpan Budget(TimeSpan longest, DateTimeOffset now)
    {
        var next = _next(now);
        var share = (_next(next) - next) * 0.9;
        return share < longest ? share : longest;
    }
}
