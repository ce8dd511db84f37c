using EventFunctions.Storage;

namespace EventFunctions.Jobs;

/// <summary>Starts jobs: the first events are changed at once, and ticks continue.</summary>
public sealed class JobStart
{
    private static readonly TimeSpan FirstSlice = TimeSpan.FromSeconds(10);

    private readonly EventJobs _jobs;
    private readonly JobRunner _runner;
    private readonly BackgroundWork _background;

    internal JobStart(EventJobs jobs, JobRunner runner, BackgroundWork background) => (_jobs, _runner, _background) = (jobs, runner, background);

    /// <summary>Creates a job, and works on it in the background.</summary>
    /// <param name="action">What to do.</param>
    /// <param name="filter">To which events; those recorded from now on are none of them.</param>
    /// <param name="rate">The most events per second.</param>
    /// <param name="by">Who asks for it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <param name="webhook">The webhook to deliver to; null for other actions.</param>
    /// <exception cref="StoreUnavailableException">It could not be created.</exception>
    /// <exception cref="TooManyJobsException">As many jobs are active as may be.</exception>
    public async Task<EventJob> StartAsync(
        JobAction action, EventFilter filter, int rate, string by, CancellationToken cancellationToken, string? webhook = null)
    {
        var job = await _jobs.CreateAsync(action, filter, rate, by, cancellationToken, webhook);
        _background.Start("The first slice of the job " + job.Id, token => _runner.RunAsync(FirstSlice, token));
        return job;
    }
}
