using Microsoft.Extensions.Logging;

namespace EventFunctions.Records;

/// <summary>
/// Counts what happened by cause and logs each cause once per minute with its count, so that a flood does not flood the log.
/// The first one of a cause is logged at once.
/// </summary>
public abstract class CauseLog : IDisposable
{
    /// <summary>The most causes that are counted separately at a time; others are counted together.</summary>
    public const int MaxCauses = 256;

    /// <summary>How long causes are counted before they are logged.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private const string Others = "other causes";
    private const int MaxText = 300;

    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly string _what;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Counts> _causes = [];
    private long _began;

    private protected CauseLog(TimeProvider time, ILogger logger, string what)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _logger = logger;
        _what = what;
        _timer = time.CreateTimer(_ => Flush(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Counts one.</summary>
    /// <param name="cause">What they have in common; not text of the caller's choice.</param>
    /// <param name="detail">What is special about this one.</param>
    /// <returns>How many of this cause the current minute has, this one included, and how long the minute still takes.</returns>
    public (int Count, TimeSpan Remaining) Record(string cause, string detail)
    {
        ArgumentNullException.ThrowIfNull(cause);
        ArgumentNullException.ThrowIfNull(detail);
        (cause, detail) = (Shorten(cause), Shorten(detail));
        int count;
        bool isNew;
        TimeSpan remaining;
        lock (_lock)
        {
            if (_causes.Count == 0)
            {
                _began = _time.GetTimestamp();
                _timer.Change(Period, Period);
            }

            if (!_causes.TryGetValue(cause, out var counts))
            {
                cause = _causes.Count < MaxCauses ? cause : Others;
                isNew = _causes.TryAdd(cause, new Counts { Logged = 1 });
                counts = _causes[cause];
            }
            else
            {
                isNew = false;
            }

            count = ++counts.Count;
            counts.Detail = detail;
            remaining = Period - _time.GetElapsedTime(_began);
        }

        if (isNew)
        {
            _logger.LogWarning("{What}: {Cause}. {Detail}", _what, cause, detail);
        }

        return (count, remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero);
    }

    /// <summary>Logs the counts.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Flush();
        GC.SuppressFinalize(this);
    }

    private void Flush()
    {
        List<(string Cause, int Count, string Detail)> lines = [];
        lock (_lock)
        {
            foreach (var (cause, counts) in _causes)
            {
                if (counts.Count > counts.Logged)
                {
                    lines.Add((cause, counts.Count, counts.Detail));
                }

                if (counts.Count == 0)
                {
                    _causes.Remove(cause);
                }

                (counts.Count, counts.Logged) = (0, 0);
            }

            _began = _time.GetTimestamp();
            if (_causes.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var (cause, count, detail) in lines)
        {
            _logger.LogWarning("{What} {Count} times in the last minute: {Cause}. Latest: {Detail}", _what, count, cause, detail);
        }
    }

    private static string Shorten(string text) => text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, MaxText), "…");

    private sealed class Counts
    {
        public int Count { get; set; }

        // Of the count, how many the log has already.
        public int Logged { get; set; }

        public string Detail { get; set; } = "";
    }
}
