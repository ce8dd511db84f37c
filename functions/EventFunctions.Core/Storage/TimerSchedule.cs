using NCrontab;

namespace EventFunctions.Storage;

/// <summary>Schedules of timers as the Functions host takes them.</summary>
public static class TimerSchedule
{
    private const int FieldsWithSeconds = 6;

    /// <summary>Reads a schedule.</summary>
    /// <param name="text">NCRONTAB of six fields, or of five without the seconds.</param>
    /// <returns>Null where it is none.</returns>
    public static CrontabSchedule? TryParse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var hasSeconds = text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length == FieldsWithSeconds;
        return CrontabSchedule.TryParse(text, new() { IncludingSeconds = hasSeconds });
    }
}
