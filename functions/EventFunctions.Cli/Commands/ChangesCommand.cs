using System.CommandLine;
using EventFunctions.Cli.Service;

namespace EventFunctions.Cli.Commands;

/// <summary><c>changes</c>: what administrators changed.</summary>
internal static class ChangesCommand
{
    private static readonly string[] Headings = ["at", "by", "action", "object", "name", "source", "before", "after", "job", "outcome"];

    /// <summary>Creates the command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var pages = new PageOptions();
        var command = new Command("changes", "Lists what administrators changed, newest first.");
        pages.AddTo(command);
        session.Run(command, (call, cancellationToken) => pages.ShowAsync(
            call,
            "api/changes",
            () => new Query(),
            Headings,
            change =>
            [
                change.Text("at"), change.Text("by"), change.Text("action"), change.Text("object"), change.Text("name"), change.Text("source"),
                change.Text("etagBefore"), change.Text("etagAfter"), change.Text("job"), change.Text("outcome"),
            ],
            cancellationToken));
        return command;
    }
}
