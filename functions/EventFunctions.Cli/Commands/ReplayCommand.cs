using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Cli.Commands;

/// <summary><c>replay</c>: brings one event through anew, or all that a filter meets.</summary>
internal static class ReplayCommand
{
    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var id = new Argument<string?>("id") { Description = "The event's ID, with --source; without it, the filters select events.", Arity = ArgumentArity.ZeroOrOne };
        var filters = new EventOptions();
        var reason = EventOptions.Text("--reason", "The exact reason.", "REASON");
        var rate = new Option<int?>("--rate") { Description = "The most events per second (default 50).", HelpName = "N" };
        var dryRun = new Option<bool>("--dry-run") { Description = "Only count." };
        var everything = new Option<bool>("--all-failures") { Description = "Every failure; required without a filter." };
        var detach = new Option<bool>("--detach") { Description = "Do not wait for the job's end." };
        Option[] only = [filters.Status, filters.Type, filters.Subject, filters.Dismissed, filters.From, filters.To, filters.Producer, reason, rate, dryRun, everything, detach];
        Option[] narrowing = [filters.Status, filters.Source, filters.Type, filters.Subject, filters.Dismissed, filters.From, filters.To, filters.Producer, reason];
        var command = new Command("replay", "Replays one event, or as a job all that the filters meet, failures unless --status says otherwise.") { id, filters.Source };
        foreach (var option in only)
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is not null)
            {
                if (result.GetValue(filters.Source) is null || only.Any(option => result.GetResult(option) is { Implicit: false }))
                {
                    result.AddError("One event is named by its ID and --source, and takes no filters.");
                }
            }
            else if (!result.GetValue(everything) && !narrowing.Any(option => result.GetResult(option) is { Implicit: false }))
            {
                result.AddError("Name the events: an ID with --source, filters, or --all-failures.");
            }
        });
        session.Run(command, async (call, cancellationToken) =>
        {
            if (call.Get(id) is { } one)
            {
                return await ReplayAsync(call, new EventKey(call.Get(filters.Source)!, one), cancellationToken);
            }

            var request = new ServiceCall(HttpMethod.Post, "api/replays") { Body = Body(call) };
            var answer = await JobFollower.BeginAsync(call, request, cancellationToken);
            if (!call.Get(dryRun))
            {
                return await JobFollower.ShowAsync(call, answer, call.Get(detach), cancellationToken);
            }

            if (call.Output.IsJson)
            {
                call.Output.Json(answer);
            }
            else
            {
                call.Output.Line($"{(answer.IsTrue("atLeast") ? "at least " : "")}{answer.Text("count")} events");
            }

            return ExitCode.Ok;
        });
        return command;

        byte[] Body(Call call)
        {
            var body = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(body))
            {
                writer.WriteStartObject();
                if (filters.StatusesOf(call) is { Length: > 0 } statuses)
                {
                    writer.WriteStartArray("status");
                    foreach (var status in statuses)
                    {
                        writer.WriteStringValue(status);
                    }

                    writer.WriteEndArray();
                }

                foreach (var (name, option) in new[]
                {
                    ("source", filters.Source), ("type", filters.Type), ("subject", filters.Subject), ("producer", filters.Producer), ("reason", reason),
                    ("from", filters.From), ("to", filters.To),
                })
                {
                    if (call.Get(option) is { } text)
                    {
                        writer.WriteString(name, text);
                    }
                }

                if (call.Get(filters.Dismissed) is { } dismissed)
                {
                    writer.WriteBoolean("dismissed", dismissed);
                }

                if (call.Get(rate) is { } most)
                {
                    writer.WriteNumber("rate", most);
                }

                if (call.Get(dryRun))
                {
                    writer.WriteBoolean("dryRun", true);
                }

                writer.WriteEndObject();
            }

            return body.WrittenSpan.ToArray();
        }
    }

    private static async Task<int> ReplayAsync(Call call, EventKey key, CancellationToken cancellationToken)
    {
        var path = EventPath.ForRecord(key).Insert("/api/events/".Length + Uri.EscapeDataString(EventPath.ToSegment(key.Id)).Length, "/replay");
        var state = (await call.Service.SendAsync(new ServiceCall(HttpMethod.Post, path), cancellationToken)).Json;
        if (call.Output.IsJson)
        {
            call.Output.Json(state);
        }
        else
        {
            call.Output.Line($"{state.Text("id")} is {state.Text("status")} in run {state.Text("run")}");
        }

        return ExitCode.Ok;
    }
}
