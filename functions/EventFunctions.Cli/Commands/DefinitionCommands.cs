using System.CommandLine;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;
using EventFunctions.Records;

namespace EventFunctions.Cli.Commands;

/// <summary>The commands that read, write and delete what administrators define: producers and webhooks.</summary>
/// <param name="session">What all commands share.</param>
/// <param name="collection">What the path calls them.</param>
/// <param name="what">What people call one.</param>
internal sealed class DefinitionCommands(Session session, string collection, string what)
{
    /// <summary>The path of all of them.</summary>
    public string Path => "api/" + collection;

    /// <summary>The path of one.</summary>
    /// <param name="name">Its name.</param>
    public string PathOf(string name) => $"{Path}/{SegmentOf(name)}";

    /// <summary>A name or ID as a segment of a path.</summary>
    /// <param name="name">Anything.</param>
    public static string SegmentOf(string name) => Uri.EscapeDataString(EventPath.ToSegment(name));

    /// <summary>The argument that names one.</summary>
    public Argument<string> Name() => new("name") { Description = $"The {what}'s name." };

    /// <summary>An argument that names a file.</summary>
    /// <param name="description">What it holds.</param>
    public static Argument<string> FileOf(string description) => new("file") { Description = description + ", JSON; - is standard input." };

    /// <summary><c>get</c>.</summary>
    public Command Get()
    {
        var name = Name();
        var command = new Command("get", $"Shows a {what}, and its ETag on standard error.") { name };
        session.Run(command, async (call, cancellationToken) =>
        {
            Show(call.Output, await call.Service.GetAsync(PathOf(call.Get(name)!), cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary><c>state</c>.</summary>
    /// <param name="description">What it shows.</param>
    public Command State(string description)
    {
        var name = Name();
        var command = new Command("state", description) { name };
        session.Run(command, async (call, cancellationToken) =>
        {
            call.Output.Document((await call.Service.GetAsync(PathOf(call.Get(name)!) + "/state", cancellationToken)).Json);
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary><c>put</c>.</summary>
    public Command Put()
    {
        var name = Name();
        var file = FileOf("The definition");
        var state = new StateOptions();
        var command = new Command("put", $"Creates or changes a {what}.") { name, file };
        state.AddTo(command, creates: true);
        session.Run(command, async (call, cancellationToken) =>
        {
            var request = new ServiceCall(HttpMethod.Put, PathOf(call.Get(name)!))
            {
                Body = await InputFile.ReadAsync(call, call.Get(file)!, cancellationToken),
                Headers = state.HeadersOf(call),
            };
            Show(call.Output, await call.Service.SendAsync(request, cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary><c>delete</c>.</summary>
    /// <param name="description">What becomes of the rest.</param>
    public Command Delete(string description)
    {
        var name = Name();
        var state = new StateOptions();
        var command = new Command("delete", $"Deletes a {what}; {description}") { name };
        state.AddTo(command, creates: false);
        session.Run(command, async (call, cancellationToken) =>
        {
            await call.Service.SendAsync(new ServiceCall(HttpMethod.Delete, PathOf(call.Get(name)!)) { Headers = state.HeadersOf(call) }, cancellationToken);
            call.Output.WriteNote($"{call.Get(name)} is deleted.");
            return ExitCode.Ok;
        });
        return command;
    }

    /// <summary>A command that calls something of one and shows the answer.</summary>
    /// <param name="command">The command's name.</param>
    /// <param name="method">The method.</param>
    /// <param name="segment">What stands behind the name in the path.</param>
    /// <param name="description">What it does.</param>
    public Command Do(string command, HttpMethod method, string segment, string description)
    {
        var name = Name();
        var doing = new Command(command, description) { name };
        session.Run(doing, async (call, cancellationToken) =>
        {
            Show(call.Output, await call.Service.SendAsync(new ServiceCall(method, $"{PathOf(call.Get(name)!)}/{segment}"), cancellationToken));
            return ExitCode.Ok;
        });
        return doing;
    }

    /// <summary>Shows one as it came.</summary>
    /// <param name="output">Where.</param>
    /// <param name="answer">The answer.</param>
    public static void Show(Output output, ServiceResponse answer)
    {
        output.Document(answer.Json);
        output.WriteNote(answer.ETag is null ? "It is one of the settings, and changed there." : $"ETag: {answer.ETag}");
    }
}
