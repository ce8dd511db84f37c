namespace EventFunctions.Cli.Costs;

/// <summary>Measures what one instance is billed for, and how long it lives.</summary>
/// <param name="cold">How many seconds longer the first execution takes.</param>
internal sealed class InstanceMeter(double cold)
{
    /// <summary>Seconds without work after which an instance goes.</summary>
    public const double IdleSeconds = 30;

    private const double LeastBilled = 1;

    private const double RegistryInterval = 3;

    // Tolerates what adding fractions of a second leaves behind.
    private const double Epsilon = 1e-6;

    private readonly Queue<double> _running = new();
    private double _aliveSince;
    private double _lastEnd = double.NegativeInfinity;
    private double _lastRead = double.NegativeInfinity;
    private double _windowEnd;
    private double _windowStart = double.NaN;

    /// <summary>Seconds that are billed.</summary>
    public double BilledSeconds { get; private set; }

    /// <summary>Seconds that instances lived.</summary>
    public double AliveSeconds { get; private set; }

    public long ColdStarts { get; private set; }

    /// <summary>How often the registry was read again.</summary>
    public long RegistryReads { get; private set; }

    /// <summary>Returns how many executions run at a time.</summary>
    public int RunningAt(double time)
    {
        while (_running.TryPeek(out var end) && end <= time)
        {
            _running.Dequeue();
        }

        return _running.Count;
    }

    /// <summary>Runs an execution; executions begin in order.</summary>
    public void Run(double start, double duration)
    {
        if (start > _lastEnd + IdleSeconds)
        {
            CloseLife();
            _aliveSince = start;
            ColdStarts++;
            duration += cold;
        }

        if (start >= _lastRead + RegistryInterval)
        {
            _lastRead = start;
            RegistryReads++;
        }

        var end = start + duration;
        _running.Enqueue(end);
        _lastEnd = Math.Max(_lastEnd, end);
        if (start > Math.Max(_windowEnd, _windowStart + LeastBilled) || double.IsNaN(_windowStart))
        {
            CloseWindow();
            (_windowStart, _windowEnd) = (start, end);
        }

        _windowEnd = Math.Max(_windowEnd, end);
    }

    /// <summary>Counts the executions that are still open.</summary>
    public void Close()
    {
        CloseWindow();
        CloseLife();
    }

    private void CloseWindow()
    {
        if (!double.IsNaN(_windowStart))
        {
            BilledSeconds += Math.Max(LeastBilled, Math.Ceiling(((_windowEnd - _windowStart) * 10) - Epsilon) / 10);
        }
    }

    private void CloseLife()
    {
        if (ColdStarts > 0)
        {
            AliveSeconds += _lastEnd + IdleSeconds - _aliveSince;
        }
    }
}
