using System.CommandLine;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary><c>list</c>: records, newest first.</summary>
internal static class ListCommand
{
    private static readonly string[] Headings = ["recorded", "status", "type", "id", "subject", "source", "reason"];

    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var filters = new EventOptions();
        var pages = new PageOptions();
        var command = new Command("list", "Lists events, newest first.")
        {
            filters.Status, filters.Source, filters.Type, filters.Subject, filters.Producer, filters.Dismissed, filters.From, filters.To,
        };
        pages.AddTo(command);
        session.Run(command, (call, cancellationToken) => pages.ShowAsync(
            call,
            "api/events",
            () => filters.ToQuery(call).Add("from", call.Get(filters.From)).Add("to", call.Get(filters.To)),
            Headings,
            record => [record.Text("recordedAt"), Cell.OfState(record.Text("status")), record.Text("type"), record.Text("id"), record.Text("subject"), record.Text("source"), record.Text("reason")],
            cancellationToken));
        return command;
    }
}
