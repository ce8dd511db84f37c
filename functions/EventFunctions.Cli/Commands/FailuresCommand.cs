using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary><c>failures</c>: what did not get through, in groups; and what to do with a group.</summary>
internal static class FailuresCommand
{
    private const string Path = "api/failures";

    private static readonly string[] Headings = ["count", "again", "producer", "type", "reason", "first", "last", "for example"];

    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var dismissed = new Option<bool>("--dismissed") { Description = "Dismissed failures instead of the others." };
        var command = new Command("failures", "Shows what did not get through, in groups.")
        {
            dismissed,
            Action(session, "replay", "Replays a group of failures, and waits for it."),
            Action(session, "dismiss", "Takes a group of failures out of sight."),
            Action(session, "restore", "Brings a dismissed group back."),
        };
        session.Run(command, async (call, cancellationToken) =>
        {
            var query = new Query().Add("dismissed", call.Get(dismissed) ? "true" : null);
            Show(call.Output, (await call.Service.GetAsync(Path + query, cancellationToken)).Json);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(Output output, JsonElement summary)
    {
        var groups = summary.Items("items");
        if (output.IsJson)
        {
            foreach (var group in groups)
            {
                output.Json(group);
            }
        }
        else if (groups.Count > 0)
        {
            output.Table(Headings, [.. groups.Select(group => (IReadOnlyList<Cell>)
                [
                    group.Text("count"), group.Text("failedAgain"), group.Text("producer"), group.Text("type"), new Cell(group.Text("reason") ?? "", "red"),
                    group.Text("first"), group.Text("last"), group.Items("samples") is [var sample, ..] ? sample.Text("id") : "",
                ])]);
        }
        else
        {
            output.WriteNote("Nothing failed.");
        }

        if (summary.Property("complete") is { ValueKind: JsonValueKind.False })
        {
            output.WriteNote("There are more failures than were counted.");
        }
    }

    private static Command Action(Session session, string action, string description)
    {
        var producer = Required("--producer", "PRODUCER");
        var type = Required("--type", "TYPE");
        var reason = Required("--reason", "REASON");
        var rate = new Option<int?>("--rate") { Description = "The most events per second (default 50).", HelpName = "N" };
        var detach = new Option<bool>("--detach") { Description = "Do not wait for the job's end." };
        var command = new Command(action, description) { producer, type, reason, rate, detach };
        session.Run(command, async (call, cancellationToken) =>
        {
            var body = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(body))
            {
                writer.WriteStartObject();
                writer.WriteString("action", action);
                writer.WriteString("producer", call.Get(producer));
                writer.WriteString("type", call.Get(type));
                writer.WriteString("reason", call.Get(reason));
                if (call.Get(rate) is { } most)
                {
                    writer.WriteNumber("rate", most);
                }

                writer.WriteEndObject();
            }

            var job = await JobFollower.BeginAsync(call, new ServiceCall(HttpMethod.Post, Path) { Body = body.WrittenMemory }, cancellationToken);
            return await JobFollower.ShowAsync(call, job, call.Get(detach), cancellationToken);
        });
        return command;

        static Option<string> Required(string name, string helpName) => new(name) { Description = "Of the group.", HelpName = helpName, Required = true };
    }
}
