using System.CommandLine;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary><c>jobs</c>: lists, follows and cancels jobs.</summary>
internal static class JobsCommand
{
    private static readonly string[] Headings = ["created", "action", "state", "id", "matched", "started", "skipped", "failed"];

    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var pages = new PageOptions();
        var command = new Command("jobs", "Lists jobs, newest first.") { Get(session), Cancel(session) };
        pages.AddTo(command);
        session.Run(command, (call, cancellationToken) => pages.ShowAsync(
            call,
            "api/replays",
            () => new Query(),
            Headings,
            job =>
            [
                job.Text("createdAt"), job.Text("action"), Cell.OfState(job.Text("state")), job.Text("id"), job.Text("matched"), job.Text("started"),
                job.Text("skipped"), job.Text("failed"),
            ],
            cancellationToken));
        return command;
    }

    private static Command Get(Session session)
    {
        var id = Id();
        var follow = new Option<bool>("--follow") { Description = "Wait for its end." };
        var command = new Command("get", "Shows a job.") { id, follow };
        session.Run(command, async (call, cancellationToken) =>
            await JobFollower.ShowAsync(
                call, (await call.Service.GetAsync(JobFollower.PathOf(call.Get(id)!), cancellationToken)).Json, !call.Get(follow), cancellationToken));
        return command;
    }

    private static Command Cancel(Session session)
    {
        var id = Id();
        var command = new Command("cancel", "Cancels a job; its finished changes stay.") { id };
        session.Run(command, async (call, cancellationToken) =>
        {
            var request = new ServiceCall(HttpMethod.Delete, JobFollower.PathOf(call.Get(id)!));
            JsonElement job = (await call.Service.SendAsync(request, cancellationToken)).Json;
            JobFollower.Show(call.Output, job);
            return ExitCode.Ok;
        });
        return command;
    }

    private static Argument<string> Id() => new("id") { Description = "The job's ID." };
}
