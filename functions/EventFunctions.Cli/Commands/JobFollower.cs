using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary>Waits for a job of the service, and shows how far it is.</summary>
internal static class JobFollower
{
    private const int MaxFailures = 60;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500);

    /// <summary>Begins a job.</summary>
    /// <param name="call">The run of the command.</param>
    /// <param name="request">What begins it.</param>
    /// <param name="cancellationToken">Ends the wait for the answer.</param>
    /// <returns>The job, or whatever the service answers instead.</returns>
    public static async Task<JsonElement> BeginAsync(Call call, ServiceCall request, CancellationToken cancellationToken)
    {
        try
        {
            return (await call.Service.SendAsync(request, cancellationToken)).Json;
        }
        catch (OperationCanceledException)
        {
            call.Output.WriteNote("The job may have begun. To see: eventfunctions jobs");
            throw;
        }
    }

    /// <summary>Shows a job that was begun: at its end, or at once.</summary>
    /// <param name="call">The run of the command.</param>
    /// <param name="job">The job as it was begun.</param>
    /// <param name="detached">Whether nobody waits for it.</param>
    /// <param name="cancellationToken">Ends the wait, and not the job.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> ShowAsync(Call call, JsonElement job, bool detached, CancellationToken cancellationToken)
    {
        if (detached)
        {
            Show(call.Output, job);
            return ExitCode.Ok;
        }

        try
        {
            job = await call.Output.WatchAsync(tell => FollowAsync(call, job, tell, cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            call.Output.WriteNote($"The job continues. To cancel it: eventfunctions jobs cancel {job.Text("id")}");
            throw;
        }

        Show(call.Output, job);
        return job.Text("state") == "completed" && job.Number("failed") == 0 ? ExitCode.Ok : ExitCode.Failed;
    }

    /// <summary>Shows a job as it stands.</summary>
    /// <param name="output">Where.</param>
    /// <param name="job">The job.</param>
    public static void Show(Output output, JsonElement job)
    {
        if (output.IsJson)
        {
            output.Json(job);
        }
        else
        {
            output.Line($"{job.Text("action")} job {job.Text("id")}: {Describe(job)}");
        }
    }

    /// <summary>The path of a job.</summary>
    /// <param name="id">Its ID.</param>
    public static string PathOf(string id) => "api/replays/" + DefinitionCommands.SegmentOf(id);

    private static async Task<JsonElement> FollowAsync(Call call, JsonElement job, Action<string> tell, CancellationToken cancellationToken)
    {
        var path = PathOf(job.Text("id") ?? "");
        var failures = 0;
        while (job.Text("state") is not ("completed" or "cancelled" or "failed"))
        {
            tell(Describe(job));
            await Task.Delay(Pause, call.Context.Time, cancellationToken);
            try
            {
                job = (await call.Service.GetAsync(path, cancellationToken)).Json;
                failures = 0;
            }
            catch (ToolException e) when (e.ExitCode == ExitCode.Unreachable && ++failures < MaxFailures)
            {
                // The job survives the service's restart, and so does the wait for it.
            }
        }

        return job;
    }

    private static string Describe(JsonElement job) =>
        $"{job.Text("state")}, {job.Text("matched")} matched, {job.Text("started")} started, {job.Text("skipped")} skipped, {job.Text("failed")} failed"
        + (job.Text("detail") is { } detail ? $": {detail}" : "");
}
