using System.Collections.Concurrent;
using System.Diagnostics;

namespace EventFunctions.Local.Demo;

/// <summary>Sends the events of a plan and waits until all of them are through.</summary>
/// <param name="api">The service.</param>
/// <param name="plan">What to send.</param>
public sealed class DemoRun(EventsApi api, DemoPlan plan)
{
    private const int Senders = 32;
    private const int CountedAtOnce = 1_000;

    // The rest of the work is done at no less than this rate, after the slowest retry has had its turn.
    private const int EventsPerSecond = 100;
    private static readonly TimeSpan SlowestRetry = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    private readonly ConcurrentQueue<string> _surprises = [];
    private int _posted;
    private int _accepted;
    private int _repeats;
    private int _conflicts;

    /// <summary>When each event was first sent.</summary>
    public ConcurrentDictionary<string, DateTimeOffset> SentAt { get; } = new(StringComparer.Ordinal);

    /// <summary>How long each <c>202</c> took.</summary>
    public ConcurrentQueue<TimeSpan> Acknowledgements { get; } = [];

    /// <summary>Answers that were not as planned.</summary>
    public IReadOnlyCollection<string> Surprises => _surprises;

    /// <summary>How many requests were sent.</summary>
    public int Posted => _posted;

    /// <summary>How many events were accepted as new.</summary>
    public int Accepted => _accepted;

    /// <summary>How many repeats were recognised.</summary>
    public int Repeats => _repeats;

    /// <summary>How many contradictions were refused.</summary>
    public int Conflicts => _conflicts;

    /// <summary>How long all of it took, from the first request to the last event's end.</summary>
    public TimeSpan Elapsed { get; private set; }

    /// <summary>Runs the plan.</summary>
    /// <param name="progress">Told how many events are sent (bar 0) and through (bar 1).</param>
    /// <param name="cancellationToken">Ends the run.</param>
    public async Task RunAsync(Action<int, int> progress, CancellationToken cancellationToken)
    {
        await api.PutBehaviourAsync(DemoPlan.Rules(), cancellationToken);
        var started = Stopwatch.GetTimestamp();
        await Parallel.ForEachAsync(
            plan.Events,
            new ParallelOptions { MaxDegreeOfParallelism = Senders, CancellationToken = cancellationToken },
            async (planned, cancellation) =>
            {
                await SendAsync(planned, cancellation);
                progress(0, SentAt.Count);
            });
        await WaitAsync(progress, cancellationToken);
        Elapsed = Stopwatch.GetElapsedTime(started);
    }

    // The repeats go out together with the first: the hardest case, which must leave one record all the same.
    private async Task SendAsync(PlannedEvent planned, CancellationToken cancellationToken)
    {
        SentAt[planned.Id] = DateTimeOffset.UtcNow;
        var answers = await Task.WhenAll(Enumerable.Range(0, 1 + planned.Repeats).Select(_ => PostAsync(planned, "as planned", cancellationToken)));
        var asNew = answers.Count(a => a is { Status: 202, Duplicate: false });
        Interlocked.Add(ref _accepted, asNew);
        Interlocked.Add(ref _repeats, answers.Count(a => a.Duplicate));
        if (asNew != 1)
        {
            Expect("accepted once as new", planned, [.. answers]);
        }

        Expect("202", planned, [.. answers.Where(a => a.Status != 202)]);
        if (planned.Conflicts)
        {
            var answer = await PostAsync(planned, "something else", cancellationToken);
            if (answer.Status == 409)
            {
                Interlocked.Increment(ref _conflicts);
            }
            else
            {
                Expect("409", planned, answer);
            }
        }
    }

    private async Task<PostResponse> PostAsync(PlannedEvent planned, string note, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _posted);
        var started = Stopwatch.GetTimestamp();
        var answer = await api.PostAsync(planned.Notification(note), cancellationToken);
        if (answer.Status == 202)
        {
            Acknowledgements.Enqueue(Stopwatch.GetElapsedTime(started));
        }

        return answer;
    }

    private void Expect(string expected, PlannedEvent planned, params ReadOnlySpan<PostResponse> answers)
    {
        foreach (var answer in answers)
        {
            _surprises.Enqueue($"{planned.Id}: expected {expected}, got {answer.Status}{(answer.Duplicate ? " (duplicate)" : "")} {answer.Detail}".TrimEnd());
        }
    }

    private async Task WaitAsync(Action<int, int> progress, CancellationToken cancellationToken)
    {
        var deadline = Stopwatch.GetTimestamp() + (long)((SlowestRetry.TotalSeconds + (plan.Events.Count / EventsPerSecond)) * Stopwatch.Frequency);
        while (Stopwatch.GetTimestamp() < deadline)
        {
            var open = await CountAsync("status=recorded", cancellationToken) + await CountAsync("status=enriching", cancellationToken);
            progress(1, plan.Events.Count - open);
            if (open == 0)
            {
                return;
            }

            await Task.Delay(Pause, cancellationToken);
        }
    }

    // At most a page is counted: while there is more than that, it does not matter how much more.
    private async Task<int> CountAsync(string filter, CancellationToken cancellationToken) =>
        (await api.ListAsync(filter, CountedAtOnce, continuation: null, cancellationToken)).Items.Count;
}
