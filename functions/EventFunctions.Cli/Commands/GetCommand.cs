using System.CommandLine;
using System.Text;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;
using EventFunctions.CloudEvents;
using EventFunctions.Records;

namespace EventFunctions.Cli.Commands;

/// <summary><c>get</c>: one event with its timeline, or its full data.</summary>
internal static class GetCommand
{
    private static readonly string[] Facts =
    [
        "id", "source", "type", "subject", "time", "producer", "status", "run", "reason", "dismissed", "erased", "recordedAt", "datacontenttype", "dataschema", "dataref",
    ];

    private static readonly string[] Headings = ["at", "what", "run", "attempt", "detail", "trace"];

    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var id = new Argument<string>("id") { Description = "The event's ID." };
        var source = new Option<string>("--source") { Description = "The event's source.", HelpName = "SOURCE", Required = true };
        var data = new Option<bool>("--data") { Description = "The producer's full data as it was fetched, instead." };
        var command = new Command("get", "Shows an event with all that happened to it.") { id, source, data };
        session.Run(command, async (call, cancellationToken) =>
        {
            var key = new EventKey(call.Get(source)!, call.Get(id)!);
            if (call.Get(data))
            {
                var request = new ServiceCall(HttpMethod.Get, EventPath.ForData(key)) { TakesAnything = true };
                ShowData(call, await call.Service.SendAsync(request, cancellationToken));
            }
            else
            {
                Show(call.Output, (await call.Service.GetAsync(EventPath.ForRecord(key), cancellationToken)).Json);
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

        foreach (var (name, value) in Facts.Select(name => (name, record.Text(name))).Where(fact => fact.Item2 is not null))
        {
            output.Line((name, 16), (name == "status" ? Cell.OfState(value) : value, 0));
        }

        foreach (var name in (string[])["extensions", "data", "data_base64"])
        {
            if (record.Property(name) is { } value)
            {
                output.Line(name);
                output.Document(value);
            }
        }

        output.Line();
        output.Table(
            Headings,
            [.. record.Items("timeline").Select(entry => (IReadOnlyList<Cell>)
                [entry.Text("at"), Cell.OfState(entry.Text("what")), entry.Text("run"), entry.Text("attempt"), entry.Text("detail"), entry.Text("traceId")])]);
    }

    // Byte for byte where a program reads; where a person does, so that it stays in its lines.
    private static void ShowData(Call call, ServiceResponse answer)
    {
        if (!call.Context.IsOutputTerminal && call.Context.RawOutput is { } raw)
        {
            raw.Write(answer.Body.Span);
            raw.Flush();
        }
        else if (answer.IsJson)
        {
            call.Output.Document(answer.Json);
        }
        else
        {
            foreach (var line in Encoding.UTF8.GetString(answer.Body.Span).Split('\n'))
            {
                call.Output.Line(line.TrimEnd('\r'));
            }
        }
    }
}
