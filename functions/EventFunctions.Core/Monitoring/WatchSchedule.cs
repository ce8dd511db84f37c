using System.Globalization;
using EventFunctions.Storage;

namespace EventFunctions.Monitoring;

/// <summary>The times of checks by the setting <c>MonitorSchedule</c>, from which gaps are computed.</summary>
public sealed class WatchSchedule
{
    // A timer is early or late by some seconds now and then.
    private static readonly TimeSpan Slack = TimeSpan.FromSeconds(5);

    private readonly Func<DateTimeOffset, DateTimeOffset> _next;

    private WatchSchedule(Func<DateTimeOffset, DateTimeOffset> next) => _next = next;

    /// <summary>Reads the setting.</summary>
    /// <param name="setting">NCRONTAB, or the time between two looks; what is neither counts as every minute.</param>
    public static WatchSchedule Of(string? setting)
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

    /// <summary>Returns how long no check was made although one was due between two checks.</summary>
    /// <param name="last">The look before.</param>
    /// <param name="now">This look.</param>
    /// <returns>Zero where the look is in time, or late by no more than timers are.</returns>
    public TimeSpan Gap(DateTimeOffset last, DateTimeOffset now) =>
        now - _next(last + Slack) is var late && late > Slack ? late : TimeSpan.Zero;
}
