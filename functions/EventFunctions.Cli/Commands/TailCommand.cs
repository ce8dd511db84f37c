using System.CommandLine;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Streaming;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary><c>tail</c>: what happens, while it happens.</summary>
internal static class TailCommand
{
    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var filters = new EventOptions();
        var after = EventOptions.Text("--after", "Begin behind this place instead of now: what tail said at its end, or a feed's Last-Event-ID.", "PLACE");
        var count = new Option<long?>("--count") { Description = "End after as many changes.", HelpName = "N" };
        var command = new Command("tail", "Shows events while they change, over every end of the connection, until Ctrl+C.")
        {
            filters.Status, filters.Source, filters.Type, filters.Subject, filters.Producer, filters.Dismissed, after, count,
        };
        session.Run(command, async (call, cancellationToken) =>
        {
            var tail = new EventTail(call, "api/stream" + filters.ToQuery(call), call.Get(after));
            var left = call.Get(count) ?? long.MaxValue;
            try
            {
                await foreach (var record in tail.ReadAsync(cancellationToken))
                {
                    Show(call.Output, record);
                    if (--left <= 0)
                    {
                        break;
                    }
                }
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // That is how it ends.
            }

            if (tail.Place is { } place)
            {
                call.Output.WriteNote($"To continue from here: --after {place}");
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Show(Output output, JsonElement record)
    {
        if (output.IsJson)
        {
            output.Json(record);
            return;
        }

        var latest = record.Items("timeline") is [.., var entry] ? entry.Text("at") : record.Text("recordedAt");
        output.Line(
            (latest, 24),
            (Cell.OfState(record.Text("status")), 12),
            (record.Text("type"), 20),
            (record.Text("id"), 24),
            (record.Text("subject"), 16),
            (record.Text("reason"), 0));
    }
}
