using System.Globalization;

namespace EventFunctions.Simulation.World;

/// <summary>What happened in a world: a hash over every step, and the steps as text where they are to be told.</summary>
internal sealed class Trace(bool tells)
{
    private const ulong Prime = 1_099_511_628_211;

    private readonly List<string> _lines = [];
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
        if (tells)
        {
            var time = at - _start;
            _lines.Add(string.Create(CultureInfo.InvariantCulture, $"{(int)time.TotalDays}d {time:hh\\:mm\\:ss\\.fff}  {who,-9} {what} {about}{(outcome.Length > 0 ? ": " + outcome : "")}"));
        }
    }

    private static ulong Over(ulong hash, string text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return (hash ^ 0xFFFF) * Prime;
    }
}
