using System.Text.RegularExpressions;

namespace EventFunctions.Tests.Architecture;

/// <summary>
/// Keeps Core free of time, chance and threads that the simulation could not decide: <c>TimeProvider</c>, <c>RandomProvider</c>,
/// <c>BackgroundTask</c> and <c>Gate</c> take their place.
/// </summary>
public sealed class SimulatableTests
{
    private static readonly string Core = Repository.File("functions/EventFunctions.Core");

    private static readonly string[] Banned =
    [
        @"\bRandom\.Shared\b", @"\bnew Random\(", @"\bRandomNumberGenerator\b", @"\bGuid\.(NewGuid|CreateVersion7)\b", @"\b(ActivityTraceId|ActivitySpanId)\.CreateRandom\b",
        @"\bDateTime(Offset)?\.(Utc)?Now\b", @"\bDateTime\.Today\b", @"\bEnvironment\.TickCount", @"\bTimeProvider\.System\b", @"\bStopwatch\b",
        @"\bTask\.Run\b", @"\bThreadPool\b", @"\bnew Thread\(", @"\bParallel\.(For|ForEach|Invoke)\(", @"\bnew ParallelOptions\b", @"\bnew \w*Timer\(",
        @"\bSemaphoreSlim\b", @"\bManualResetEventSlim\b", @"\bConfigureAwait\b", @"\.CancelAsync\(\)", @"\bChannel\.Create", @"\.AsParallel\(",
        @"\bTask\.Delay\((?!.*\btime\b|.*\b_time\b|.*\.Time\b)", @"\bnew CancellationTokenSource\((?!\)|.*\btime\)|.*\b_time\)|.*\.Time\))",
    ];

    // The only places that may: the defaults of the ports, and the receiver of queues, which only hosts use.
    private static readonly string[] Allowed = ["Runtime/RandomProvider.cs", "Runtime/BackgroundTask.cs", "Runtime/Gate.cs", "Storage/Queues/QueueSignals.cs"];

    [Fact]
    public void Core_takes_time_chance_and_threads_only_from_what_can_be_replaced() => Assert.Empty(
        from file in Directory.GetFiles(Core, "*.cs", SearchOption.AllDirectories)
        let path = Path.GetRelativePath(Core, file).Replace('\\', '/')
        where !path.StartsWith("obj/", StringComparison.Ordinal) && !Allowed.Contains(path)
        from line in File.ReadLines(file).Index()
        where !line.Item.TrimStart().StartsWith("//", StringComparison.Ordinal) && Banned.Any(pattern => Regex.IsMatch(line.Item, pattern))
        select $"{path}:{line.Index + 1}: {line.Item.Trim()}");
}
