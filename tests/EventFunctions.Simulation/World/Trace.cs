using System.Globalization;

namespace EventFunctions.Simulation.World;

/// <summary>What happened in a world: a hash over every step, and the steps as text where they are to be told.</summary>
internal sealed class Trace(bool tells)
{
    /// <summary>What a tick is called.</summary>
    public const string Tick = "tick";

    private const ulong Prime = 1_099_511_628_211;

    private static readonly TimeSpan LongestTick = TimeSpan.FromMinutes(1);

    private readonly List<string> _lines = [];
    private (string Instance, TimeSpan At, string Line)? _tick;
    private DateTimeOffset _start;

    /// <summary>The hash over every step.</summary>
    public ulong Hash { get; private set; } = 14_695_981_039_346_656_037;

    /// <summary>The steps.</summary>
    public IReadOnlyList<string> Lines => _lines;

    /// <summary>Whether steps are kept as text.</summary>
    public bool Tells => tells;

    public void Begin(DateTimeOffset start) => _start = start;

    /// <summary>Adds a step.</summary>
    public void Add(DateTimeOffset at, string who, string what, string about, string outcome)
    {
        var hash = (Hash ^ (ulong)at.Ticks) * Prime;
        hash = Over(Over(Over(Over(hash, who), what), about), outcome);
        Hash = hash;
        if (tells && !IsQuiet(what, about, outcome))
        {
            Tell(at - _start, who, what, about, outcome);
        }
    }

    // A tick is told if something comes of it.
    private void Tell(TimeSpan time, string who, string what, string about, string outcome)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time:hh\\:mm\\:ss\\.fff}  {who,-9} {what} {about}{(outcome.Length > 0 ? ": " + outcome : "")}");
        if (what == Tick && outcome.StartsWith("instance", StringComparison.Ordinal))
        {
            _tick = (outcome, time, line);
            return;
        }

        if (_tick is { } tick && tick.Instance == who)
        {
            _tick = null;
            if (time - tick.At < LongestTick)
            {
                _lines.Add(tick.Line);
            }
        }

        _lines.Add(line);
    }

    // What changes nothing and fails in nothing: a fault puts a remark behind a comma.
    private static bool IsQuiet(string what, string about, string outcome) => !outcome.Contains(',', StringComparison.Ordinal) && what switch
    {
        "read document" or "query documents" or "read due" or "list" or "read cursor" or "check" or "read changes" => true,
        "read feed" => outcome == "2 bytes",
        "upsert document" or "replace document" when about.StartsWith("state tick", StringComparison.Ordinal) => true,
        "create document" or "replace document" => about.StartsWith("state feed", StringComparison.Ordinal),
        _ => false,
    };

    private static ulong Over(ulong hash, string text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return (hash ^ 0xFFFF) * Prime;
    }
}
