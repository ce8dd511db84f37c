using System.CommandLine;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary><c>tick</c>: does at once what the service's timer would do.</summary>
internal static class TickCommand
{
    private static readonly string[] Headings = ["part", "result", "ms", "detail"];

    /// <summary>Creates the command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var command = new Command("tick", "Does all due work now, without waiting for the timer.");
        session.Run(command, async (call, cancellationToken) =>
        {
            var response = await call.Service.SendAsync(new ServiceCall(HttpMethod.Post, "api/tick"), cancellationToken);
            var parts = response.Json.Items("parts");
            if (call.Output.IsJson)
            {
                call.Output.Document(response.Json);
            }
            else
            {
                call.Output.Table(Headings, [.. parts.Select(part => (IReadOnlyList<Cell>)
                    [part.Text("part"), part.Text("result"), part.Text("durationMs"), part.Text("detail")])]);
            }

            return parts.All(part => part.Text("result") is "completed" or "running") ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }
}
