using System.Diagnostics;
using System.Globalization;

namespace EventFunctions.Fuzzing;

/// <summary>
/// Reads mutated inputs with one reader. An input about which the reader says something new joins the corpus, so errors lead deeper.
/// The same seed and count give the same inputs.
/// </summary>
/// <param name="target">The reader.</param>
/// <param name="seed">The seed of the random numbers.</param>
internal sealed class FuzzRun(FuzzTarget target, int seed)
{
    private const int MaxCorpus = 2_000;
    private const int MaxFindings = 20;
    private const int Repeats = 3;
    private const int MinimizingRounds = 2_000;

    private readonly InputMutator _mutator = new(new Random(seed));
    private readonly List<byte[]> _corpus = [.. target.Seeds.Select(System.Text.Encoding.UTF8.GetBytes)];
    private readonly HashSet<int> _heard = [];
    private readonly Dictionary<string, FuzzFinding> _findings = new(StringComparer.Ordinal);

    /// <summary>How many inputs were read.</summary>
    public long Executions { get; private set; }

    /// <summary>How many bytes they had.</summary>
    public long Bytes { get; private set; }

    /// <summary>How many inputs the corpus has.</summary>
    public int CorpusSize => _corpus.Count;

    /// <summary>The findings, one of each kind.</summary>
    public IReadOnlyCollection<FuzzFinding> Findings => _findings.Values;

    /// <summary>The longest that a reader may take.</summary>
    public TimeSpan LongestRead { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Takes each input before it is read, so that it is known after a crash of the process; null if it is not needed.</summary>
    public Action<byte[]>? Reading { get; init; }

    /// <summary>Reads the seeds unchanged, each by itself.</summary>
    public void ReadSeeds()
    {
        foreach (var input in _corpus.ToList())
        {
            Execute(input);
        }
    }

    /// <summary>Reads a number of mutated inputs.</summary>
    public void Run(long executions)
    {
        for (var i = 0L; i < executions && _findings.Count < MaxFindings; i++)
        {
            Execute(_mutator.Mutate(_corpus));
        }
    }

    private void Execute(byte[] input)
    {
        Executions++;
        Bytes += input.Length;
        var (finding, said) = Try(input);
        if (finding is not null)
        {
            if (!_findings.ContainsKey(finding.Kind))
            {
                _findings[finding.Kind] = Minimized(finding);
            }
        }
        else if (_heard.Add(said) && _corpus.Count < MaxCorpus)
        {
            _corpus.Add(input);
        }
    }

    // What takes too long or too much is tried again: the first time includes the compiler's work, and the machine may be busy.
    private (FuzzFinding? Finding, int Said) Try(byte[] input)
    {
        Reading?.Invoke(input);
        var allowed = target.AllocationForAny + (target.AllocationPerByte * (long)input.Length);
        var elapsed = TimeSpan.MaxValue;
        var allocated = long.MaxValue;
        try
        {
            for (var repeat = 0; ; repeat++)
            {
                var before = GC.GetAllocatedBytesForCurrentThread();
                var started = Stopwatch.GetTimestamp();
                var said = target.Read(input);
                var now = Stopwatch.GetElapsedTime(started);
                elapsed = now < elapsed ? now : elapsed;
                allocated = Math.Min(allocated, GC.GetAllocatedBytesForCurrentThread() - before);
                if (elapsed <= LongestRead && allocated <= allowed)
                {
                    return (null, HashOf(said));
                }

                if (repeat == Repeats)
                {
                    return elapsed > LongestRead
                        ? (Finding("hang", string.Create(CultureInfo.InvariantCulture, $"took {elapsed.TotalSeconds:0.0} s"), input), 0)
                        : (Finding("allocation", string.Create(CultureInfo.InvariantCulture, $"allocated {allocated:N0} bytes for {input.Length:N0}"), input), 0);
                }
            }
        }
        catch (Exception e) when (target.RefusedBy.Contains(e.GetType()) || target.RefusedBy.Contains(e.GetType().BaseType))
        {
            return (null, HashOf([e.Message]));
        }
        catch (Exception e)
        {
            return (Finding($"{e.GetType().Name} at {PlaceOf(e)}", e.ToString(), input), 0);
        }
    }

    private FuzzFinding Finding(string kind, string detail, byte[] input) => new(target.Name, kind, detail, input);

    // Takes out parts, ever smaller ones, as long as the finding stays the same.
    private FuzzFinding Minimized(FuzzFinding finding)
    {
        var rounds = finding.Kind == "hang" ? 0 : MinimizingRounds;
        for (var size = finding.Input.Length / 2; size > 0 && rounds > 0; size /= 2)
        {
            for (var at = 0; at + size <= finding.Input.Length && rounds-- > 0;)
            {
                byte[] shorter = [.. finding.Input.AsSpan(0, at), .. finding.Input.AsSpan(at + size)];
                if (Try(shorter).Finding is { } same && same.Kind == finding.Kind)
                {
                    finding = same;
                }
                else
                {
                    at += size;
                }
            }
        }

        return finding;
    }

    private static string PlaceOf(Exception e) =>
        new StackTrace(e).GetFrames().Select(frame => frame.GetMethod()).FirstOrDefault(method => method?.DeclaringType?.Namespace?.StartsWith("EventFunctions", StringComparison.Ordinal) == true)
            is { } method ? $"{method.DeclaringType!.Name}.{method.Name}" : "?";

    // Quoted parts and digits come from the input: without them, texts of one rule are alike.
    private static int HashOf(IEnumerable<string> said)
    {
        var hash = 17u;
        foreach (var text in said.Take(4))
        {
            var isQuoted = false;
            foreach (var c in text)
            {
                isQuoted ^= c is '"' or '\'';
                if (!isQuoted && char.IsAsciiLetter(c))
                {
                    hash = (hash * 31) + c;
                }
            }

            hash = (hash * 31) + 1;
        }

        return (int)hash;
    }
}
