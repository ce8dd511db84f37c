using Microsoft.Extensions.Logging;

namespace EventFunctions.Records;

/// <summary>
/// Counts refusals by cause and logs each cause once per minute with its count, so that a flood of them does not flood the
/// log. The first refusal of a cause is logged at once.
/// </summary>
public sealed class RefusalLog : IDisposable
{
    /// <summary>The most causes that are counted separately at a time; others are counted together.</summary>
    public const int MaxCauses = 256;

    /// <summary>How long refusals are counted before they are logged.</summary>
    public static readonly TimeSpan Period = TimeSpan.FromMinutes(1);

    private const string Others = "other causes";
    private const int MaxText = 300;

    private readonly TimeProvider _time;
    private readonly ILogger<RefusalLog> _logger;
    private readonly ITimer _timer;
    private readonly Lock _lock = new();
    private readonly Dictionary<string, Refusals> _causes = [];
    private long _began;

    /// <summary>Creates a log without refusals.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Gets the lines.</param>
    public RefusalLog(TimeProvider time, ILogger<RefusalLog> logger)
    {
        ArgumentNullException.ThrowIfNull(time);
        _time = time;
        _logger = logger;
        _timer = time.CreateTimer(_ => Flush(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Counts a refusal.</summary>
    /// <param name="cause">What such refusals have in common; not text of the caller's choice.</param>
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

            if (!_causes.TryGetValue(cause, out var refusals))
            {
                cause = _causes.Count < MaxCauses ? cause : Others;
                isNew = _causes.TryAdd(cause, new Refusals { Logged = 1 });
                refusals = _causes[cause];
            }
            else
            {
                isNew = false;
            }

            count = ++refusals.Count;
            refusals.Detail = detail;
            remaining = Period - _time.GetElapsedTime(_began);
        }

        if (isNew)
        {
            _logger.LogWarning("Refused: {Cause}. {Detail}", cause, detail);
        }

        return (count, remaining > TimeSpan.Zero ? remaining : TimeSpan.Zero);
    }

    /// <summary>Logs the counts.</summary>
    public void Dispose()
    {
        _timer.Dispose();
        Flush();
    }

    private void Flush()
    {
        List<(string Cause, int Count, string Detail)> lines = [];
        lock (_lock)
        {
            foreach (var (cause, refusals) in _causes)
            {
                if (refusals.Count > refusals.Logged)
                {
                    lines.Add((cause, refusals.Count, refusals.Detail));
                }

                if (refusals.Count == 0)
                {
                    _causes.Remove(cause);
                }

                (refusals.Count, refusals.Logged) = (0, 0);
            }

            _began = _time.GetTimestamp();
            if (_causes.Count == 0)
            {
                _timer.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            }
        }

        foreach (var (cause, count, detail) in lines)
        {
            _logger.LogWarning("Refused {Count} times in the last minute: {Cause}. Latest: {Detail}", count, cause, detail);
        }
    }

    private static string Shorten(string text) => text.Length <= MaxText ? text : string.Concat(text.AsSpan(0, MaxText), "…");

    private sealed class Refusals
    {
        public int Count { get; set; }

        // Of the count, how many the log has already.
        public int Logged { get; set; }

        public string Detail { get; set; } = "";
    }
}
