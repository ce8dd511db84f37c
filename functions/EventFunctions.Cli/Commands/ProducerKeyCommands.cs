using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary><c>producers keys</c>: the keys that producers send with.</summary>
/// <param name="session">What all commands share.</param>
/// <param name="definitions">The producers.</param>
internal sealed class ProducerKeyCommands(Session session, DefinitionCommands definitions)
{
    private static readonly string[] Headings = ["id", "state", "prefix", "label", "created", "by", "expires", "replaced by"];

    /// <summary>All of them.</summary>
    public Command All() => new("keys", "Shows and changes the keys of a producer. From its first key on, its events need one.")
    {
        List(),
        Make(),
        Rotate(),
        Revoke(),
        Remove(),
    };

    private Command List()
    {
        var name = definitions.Name();
        var command = new Command("list", "Lists a producer's keys, newest first.") { name };
        session.Run(command, async (call, cancellationToken) =>
        {
            var keys = (await call.Service.GetAsync(PathOf(call.Get(name)!), cancellationToken)).Json;
            if (call.Output.IsJson)
            {
                call.Output.Json(keys);
                return ExitCode.Ok;
            }

            if (keys.Items("items") is { Count: > 0 } items)
            {
                call.Output.Table(Headings, [.. items.Select(Row)]);
            }

            call.Output.WriteNote(keys.IsTrue("required") ? "Events of this producer need a key." : "Events of this producer need no key.");
            return ExitCode.Ok;
        });
        return command;
    }

    private Command Make()
    {
        var name = definitions.Name();
        var label = EventOptions.Text("--label", "What the key is for.", "TEXT");
        var expires = EventOptions.Text("--expires", "When the key ends (RFC 3339); never without.", "TIME");
        var command = new Command("make", "Makes a key, and shows it this once.") { name, label, expires };
        session.Run(command, (call, cancellationToken) => MakeAsync(
            call, PathOf(call.Get(name)!), Body(("label", call.Get(label)), ("expiresAt", call.Get(expires))), cancellationToken));
        return command;
    }

    private Command Rotate()
    {
        var (name, id) = (definitions.Name(), Id());
        var overlap = EventOptions.Text("--overlap", "For how long the old key is valid as well, at most 7.00:00:00 (default a day).", "[D.]HH:MM:SS");
        var command = new Command("rotate", "Makes a key in the place of another, and shows it this once.") { name, id, overlap };
        session.Run(command, (call, cancellationToken) => MakeAsync(
            call, PathOf(call.Get(name)!, call.Get(id)!) + "/rotate", Body(("overlap", call.Get(overlap))), cancellationToken));
        return command;
    }

    private Command Revoke()
    {
        var (name, id) = (definitions.Name(), Id());
        var command = new Command("revoke", "Ends a key at once. The producer's events still need one.") { name, id };
        session.Run(command, async (call, cancellationToken) =>
        {
            await call.Service.SendAsync(new ServiceCall(HttpMethod.Delete, PathOf(call.Get(name)!, call.Get(id)!)), cancellationToken);
            call.Output.WriteNote($"The key {call.Get(id)} is revoked.");
            return ExitCode.Ok;
        });
        return command;
    }

    private Command Remove()
    {
        var name = definitions.Name();
        var command = new Command("remove", "Removes all keys of a producer. Its events need none from then on.") { name };
        session.Run(command, async (call, cancellationToken) =>
        {
            await call.Service.SendAsync(new ServiceCall(HttpMethod.Delete, PathOf(call.Get(name)!)), cancellationToken);
            call.Output.WriteNote($"{call.Get(name)} has no keys.");
            return ExitCode.Ok;
        });
        return command;
    }

    private static async Task<int> MakeAsync(Call call, string path, byte[] body, CancellationToken cancellationToken)
    {
        call.Output.Document((await call.Service.SendAsync(new ServiceCall(HttpMethod.Post, path) { Body = body }, cancellationToken)).Json);
        call.Output.WriteNote("Keep the key now: it is never shown again.");
        return ExitCode.Ok;
    }

    private static IReadOnlyList<Cell> Row(JsonElement key) =>
    [
        key.Text("id"),
        new Cell(key.Text("state") ?? "", key.Text("state") == "active" ? "green" : "red"),
        key.Text("prefix"),
        key.Text("label"),
        key.Text("createdAt"),
        key.Text("createdBy"),
        key.Text("expiresAt"),
        key.Text("replacedBy"),
    ];

    private static Argument<string> Id() => new("id") { Description = "The key's ID." };

    private string PathOf(string name) => definitions.PathOf(name) + "/keys";

    private string PathOf(string name, string id) => $"{PathOf(name)}/{DefinitionCommands.SegmentOf(id)}";

    private static byte[] Body(params ReadOnlySpan<(string Name, string? Value)> members)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            foreach (var (name, value) in members)
            {
                if (value is not null)
                {
                    writer.WriteString(name, value);
                }
            }

            writer.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }
}
