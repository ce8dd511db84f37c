using EventFunctions.CloudEvents;
using EventFunctions.Jobs;
using EventFunctions.Records;
using EventFunctions.Storage;
using EventFunctions.Tests.Stores;

namespace EventFunctions.Tests.Administration;

public sealed class JobTests
{
    private const int Events = 7;

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task As_many_jobs_as_may_be_are_active_at_once_however_many_are_asked_for()
    {
        await using var scenario = new JobScenario();
        await scenario.FailAsync(1);
        Task<EventJob> CreateAsync() => scenario.Jobs.CreateAsync(JobAction.Dismiss, JobScenario.Failures, rate: 100, "key", Stop);

        var asked = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(async () => await Record.ExceptionAsync(CreateAsync))));

        Assert.Equal(JobScenario.Settings.MaxActive, asked.Count(refused => refused is null));
        Assert.All(asked.OfType<Exception>(), refused => Assert.IsType<TooManyJobsException>(refused));
        var (jobs, _) = await scenario.Jobs.ListAsync(100, null, Stop);
        await scenario.Jobs.CancelAsync(jobs[0].Id, Stop);
        await scenario.FinishAsync(jobs[0]);
        await CreateAsync();
    }

    [Fact]
    public async Task All_jobs_together_keep_to_one_rate()
    {
        await using var scenario = new JobScenario();
        await scenario.FailAsync(20);
        EventJob[] jobs =
        [
            await scenario.Jobs.CreateAsync(JobAction.Replay, JobScenario.Failures, rate: 1_000, "key", Stop),
            await scenario.Jobs.CreateAsync(JobAction.Replay, JobScenario.Failures, rate: 1_000, "key", Stop),
        ];
        var began = scenario.Time.GetUtcNow();

        await scenario.TickAsync(scenario.Worker());

        // Each lists the 20 events, which are the rate of 2 s: the second waits until the first is paid for.
        var over = await Task.WhenAll(jobs.Select(job => scenario.Jobs.ReadAsync(job.Id, Stop)));
        Assert.All(over, job => Assert.Equal(JobState.Completed, job!.State));
        Assert.InRange(over.Max(job => job!.FinishedAt!.Value) - began, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(10));
        Assert.Equal(20, over.Sum(job => job!.Started));
    }

    [Theory]
    [MemberData(nameof(JobScenario.EveryMoment), MemberType = typeof(JobScenario))]
    public async Task Wherever_its_holder_dies_a_job_goes_on_and_starts_one_run_per_event(int moment)
    {
        await using var scenario = new JobScenario();
        var keys = await scenario.FailAsync(Events);
        var job = await scenario.Jobs.CreateAsync(JobAction.Replay, JobScenario.Failures, rate: 3, "key", Stop);
        var passed = 0;

        // From this moment on nothing works any more for the one who died.
        var died = await Record.ExceptionAsync(() => scenario.TickAsync(scenario.Worker(
            () => Interlocked.Increment(ref passed) >= moment ? throw new IOException("dead") : Task.CompletedTask)));
        scenario.Time.Advance(JobScenario.Lease);
        var over = await scenario.FinishAsync(job);

        Assert.Equal(passed >= moment, died is IOException);
        await AssertReplayedOnceAsync(scenario, keys, over);
    }

    [Theory]
    [MemberData(nameof(JobScenario.EveryMoment), MemberType = typeof(JobScenario))]
    public async Task Wherever_its_holder_hangs_and_another_goes_on_both_together_start_one_run_per_event(int moment)
    {
        await using var scenario = new JobScenario();
        var keys = await scenario.FailAsync(Events);
        var job = await scenario.Jobs.CreateAsync(JobAction.Replay, JobScenario.Failures, rate: 3, "key", Stop);
        var passed = 0;
        var hangs = new TaskCompletionSource();
        var goesOn = new TaskCompletionSource();
        var slow = scenario.TickAsync(scenario.Worker(() =>
        {
            if (Interlocked.Increment(ref passed) < moment)
            {
                return Task.CompletedTask;
            }

            hangs.TrySetResult();
            return goesOn.Task;
        }));

        await Task.WhenAny(hangs.Task, slow);
        scenario.Time.Advance(JobScenario.Lease);
        var finishing = scenario.FinishAsync(job);
        goesOn.SetResult();
        await slow;
        await finishing;

        await AssertReplayedOnceAsync(scenario, keys, (await scenario.Jobs.ReadAsync(job.Id, Stop))!);
    }

    [Fact]
    public async Task An_event_that_fails_again_is_not_replayed_again_by_the_same_job()
    {
        await using var scenario = new JobScenario();
        var keys = await scenario.FailAsync(5);
        var job = await scenario.Jobs.CreateAsync(JobAction.Replay, JobScenario.Failures, rate: 2, "key", Stop);
        var worker = scenario.Worker(async () =>
        {
            foreach (var key in keys)
            {
                await scenario.Store.PatchAsync(key, RecordPatch.Failed(1, "again", [new(scenario.Time.GetUtcNow(), TimelineStep.Failed, 1)]), Stop);
            }
        });

        await scenario.TickAsync(worker);

        Assert.Equal((JobState.Completed, 5L, 5L), JobScenario.Summary((await scenario.Jobs.ReadAsync(job.Id, Stop))!));
        foreach (var key in keys)
        {
            Assert.Equal((1, EventStatus.Failed, "again"), ((await scenario.ReadAsync(key)).Run, (await scenario.ReadAsync(key)).Status, (await scenario.ReadAsync(key)).Reason));
        }

        Assert.Equal(5, Assert.Single((await scenario.Store.ReadFailuresAsync(false, Stop)).Groups).FailedAgain);
    }

    [Fact]
    public async Task An_event_that_was_restored_meanwhile_is_not_dismissed_again_by_the_same_job()
    {
        await using var scenario = new JobScenario();
        var key = (await scenario.FailAsync(1))[0];
        var job = await scenario.Jobs.CreateAsync(JobAction.Dismiss, JobScenario.Failures, rate: 2, "key", Stop);
        var died = await Record.ExceptionAsync(() => scenario.TickAsync(scenario.Worker(
            async () => _ = (await scenario.ReadAsync(key)).Dismissed ? throw new IOException("dead") : true)));
        Assert.IsType<IOException>(died);
        var restored = RecordPatch.Restored(0, new TimelineEntry(scenario.Time.GetUtcNow(), TimelineStep.Restored, 0));
        Assert.Equal(PatchOutcome.Applied, await scenario.Store.PatchAsync(key, restored, Stop));
        scenario.Time.Advance(JobScenario.Lease);

        Assert.Equal((JobState.Completed, 1L, 1L), JobScenario.Summary(await scenario.FinishAsync(job)));

        Assert.False((await scenario.ReadAsync(key)).Dismissed);
    }

    [Fact]
    public async Task A_job_keeps_its_rate_whoever_works_on_it()
    {
        await using var scenario = new JobScenario();
        await scenario.FailAsync(20);
        var job = await scenario.Jobs.CreateAsync(JobAction.Replay, JobScenario.Failures, rate: 5, "key", Stop);

        await Task.WhenAll(scenario.TickAsync(scenario.Worker()), scenario.TickAsync(scenario.Worker()));
        var over = await scenario.FinishAsync(job);

        Assert.InRange(over.FinishedAt!.Value - over.StartedAt!.Value, TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(60));
        Assert.Equal((JobState.Completed, 20L, 20L), JobScenario.Summary(over));
    }

    [Fact]
    public async Task What_is_recorded_after_a_job_was_asked_for_is_none_of_its()
    {
        await using var scenario = new JobScenario();
        await scenario.FailAsync(2);
        var job = await scenario.Jobs.CreateAsync(JobAction.Replay, JobScenario.Failures, rate: 5, "key", Stop);
        var late = StoreSamples.Record("late", status: EventStatus.Failed, at: scenario.Time.GetUtcNow().AddSeconds(1));
        await scenario.Store.CreateAsync([late], Stop);

        Assert.Equal((JobState.Completed, 2L, 2L), JobScenario.Summary(await scenario.FinishAsync(job)));
        Assert.Equal(0, (await scenario.ReadAsync(late.Key)).Run);
    }

    [Fact]
    public async Task A_cancelled_job_counts_what_it_did_and_does_no_more()
    {
        await using var scenario = new JobScenario();
        var keys = await scenario.FailAsync(9);
        var job = await scenario.Jobs.CreateAsync(JobAction.Replay, JobScenario.Failures, rate: 3, "key", Stop);
        var passed = 0;

        await scenario.TickAsync(scenario.Worker(
            async () =>
            {
                if (Interlocked.Increment(ref passed) == 14)
                {
                    Assert.Equal(JobState.Cancelling, (await scenario.Jobs.CancelAsync(job.Id, Stop))!.State);
                }
            }));
        var over = await scenario.FinishAsync(job);

        var replayed = 0;
        foreach (var key in keys)
        {
            replayed += (await scenario.ReadAsync(key)).Run;
        }

        Assert.Equal((JobState.Cancelled, over.Matched - over.Skipped, (long)replayed), JobScenario.Summary(over));
        Assert.InRange(replayed, 1, 6);
        Assert.Equal(JobState.Cancelled, (await scenario.Jobs.CancelAsync(job.Id, Stop))!.State);
    }

    [Fact]
    public async Task A_group_is_dismissed_and_brought_back_by_jobs()
    {
        await using var scenario = new JobScenario();
        await scenario.FailAsync(4);

        await scenario.FinishAsync(await scenario.Jobs.CreateAsync(JobAction.Dismiss, JobScenario.Failures, rate: 100, "key", Stop));
        Assert.Empty((await scenario.Store.ReadFailuresAsync(false, Stop)).Groups);
        Assert.Equal(4, Assert.Single((await scenario.Store.ReadFailuresAsync(true, Stop)).Groups).Count);

        await scenario.FinishAsync(await scenario.Jobs.CreateAsync(JobAction.Restore, JobScenario.Failures with { Dismissed = true }, rate: 100, "key", Stop));
        Assert.Equal(4, Assert.Single((await scenario.Store.ReadFailuresAsync(false, Stop)).Groups).Count);
    }

    private static async Task AssertReplayedOnceAsync(JobScenario scenario, List<EventKey> keys, EventJob over)
    {
        Assert.Equal((JobState.Completed, Events, Events), JobScenario.Summary(over));
        foreach (var key in keys)
        {
            var record = await scenario.ReadAsync(key);
            Assert.Equal((1, EventStatus.Recorded), (record.Run, record.Status));
            Assert.Single(record.Timeline, entry => entry.What == TimelineStep.Replayed);
        }
    }
}
