using System.CommandLine;
using System.Text.Json;
using EventFunctions.Cli.Service;

namespace EventFunctions.Cli.Commands;

/// <summary><c>producers</c>: who may send what.</summary>
internal static class ProducersCommand
{
    private static readonly string[] Headings = ["name", "source", "types", "data", "feed"];
    private static readonly string[] ChangeHeadings = ["version", "change", "at", "by"];

    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var definitions = new DefinitionCommands(session, "producers", "producer");
        return new Command("producers", "Shows and changes who may send what.")
        {
            List(session, definitions),
            definitions.Get(),
            definitions.State("Shows a producer's state: its newest event, its expectations, the progress of its feed."),
            definitions.Put(),
            definitions.Delete("its history and its events stay."),
            DryRun(session, definitions),
            History(session, definitions),
            new ProducerKeyCommands(session, definitions).All(),
        };
    }

    private static Command List(Session session, DefinitionCommands definitions)
    {
        var pages = new PageOptions();
        var command = new Command("list", "Lists producers by name.");
        pages.AddTo(command);
        session.Run(command, (call, cancellationToken) => pages.ShowAsync(
            call,
            definitions.Path,
            () => new Query(),
            Headings,
            producer =>
            [
                producer.Text("name"),
                producer.Text("source"),
                producer.Property("types") is { ValueKind: JsonValueKind.Object } types ? string.Join(", ", types.EnumerateObject().Select(type => type.Name)) : "",
                producer.Property("data")?.Text("baseUrl"),
                producer.Property("feed")?.Text("url"),
            ],
            cancellationToken));
        return command;
    }

    private static Command DryRun(Session session, DefinitionCommands definitions)
    {
        var name = definitions.Name();
        var file = DefinitionCommands.FileOf("An event or an array of them");
        var command = new Command("try", "Asks what would happen to an event; nothing is stored. Ends with 1 where one would be refused.") { name, file };
        session.Run(command, async (call, cancellationToken) =>
        {
            var body = await InputFile.ReadAsync(call, call.Get(file)!, cancellationToken);
            var request = new ServiceCall(HttpMethod.Post, definitions.PathOf(call.Get(name)!) + "/try")
            {
                Body = body,
                ContentType = InputFile.IsArray(body) ? "application/cloudevents-batch+json" : "application/json",
            };
            var answer = (await call.Service.SendAsync(request, cancellationToken)).Json;
            IReadOnlyList<JsonElement> trials = answer.Property("items") is null ? [answer] : answer.Items("items");
            foreach (var trial in trials)
            {
                call.Output.Document(trial);
            }

            return trials.All(trial => trial.IsTrue("accepted")) ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static Command History(Session session, DefinitionCommands definitions)
    {
        var name = definitions.Name();
        var pages = new PageOptions();
        var command = new Command("history", "Shows who changed a producer, newest first.") { name };
        pages.AddTo(command);
        session.Run(command, (call, cancellationToken) => pages.ShowAsync(
            call,
            definitions.PathOf(call.Get(name)!) + "/history",
            () => new Query(),
            ChangeHeadings,
            change => [change.Text("version"), change.Text("change"), change.Text("at"), change.Text("by")],
            cancellationToken));
        return command;
    }
}
