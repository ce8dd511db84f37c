using System.Buffers;
using System.CommandLine;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;

namespace EventFunctions.Cli.Commands;

/// <summary><c>webhooks</c>: where events are posted to.</summary>
internal static class WebhooksCommand
{
    private static readonly string[] Headings = ["name", "state", "url", "events", "per second", "at once", "auth"];

    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var definitions = new DefinitionCommands(session, "webhooks", "webhook");
        var deliveries = new DeliveryCommands(session, definitions);
        return new Command("webhooks", "Shows and changes where events are posted to.")
        {
            List(session, definitions),
            definitions.Get(),
            definitions.State("Shows how a webhook's endpoint does: since when every attempt has failed, and when that disables the webhook."),
            definitions.Put(),
            definitions.Delete("nothing is posted to it any more."),
            Rotate(session, definitions),
            definitions.Do("end-previous-secret", HttpMethod.Delete, "previous-secret", "Ends the secret before the current one, before its time."),
            definitions.Do("enable", HttpMethod.Post, "enable", "Enables a disabled webhook. To disable it, put its definition with \"enabled\": false."),
            Test(session, definitions),
            deliveries.List(),
            deliveries.Get(),
            deliveries.Resend(),
            deliveries.Replay(),
        };
    }

    private static Command List(Session session, DefinitionCommands definitions)
    {
        var pages = new PageOptions();
        var command = new Command("list", "Lists webhooks by name.");
        pages.AddTo(command);
        session.Run(command, (call, cancellationToken) => pages.ShowAsync(
            call,
            definitions.Path,
            () => new Query(),
            Headings,
            webhook =>
            [
                webhook.Text("name"),
                webhook.IsTrue("enabled") ? new Cell("enabled", "green") : new Cell(webhook.Text("disabledReason") ?? "disabled", "red"),
                webhook.Text("url"),
                webhook.Text("events"),
                webhook.Text("maxPerSecond"),
                webhook.Text("maxConcurrent"),
                webhook.Property("auth")?.Text("kind"),
            ],
            cancellationToken));
        return command;
    }

    private static Command Rotate(Session session, DefinitionCommands definitions)
    {
        var name = definitions.Name();
        var overlap = EventOptions.Text("--overlap", "For how long the secret before is valid as well, at most 7.00:00:00 (default a day).", "[D.]HH:MM:SS");
        var command = new Command("rotate", "Makes a new secret, and shows it this once.") { name, overlap };
        session.Run(command, async (call, cancellationToken) =>
        {
            var request = new ServiceCall(HttpMethod.Post, definitions.PathOf(call.Get(name)!) + "/secret")
            {
                Body = call.Get(overlap) is { } time ? Body("overlap", time) : null,
            };
            DefinitionCommands.Show(call.Output, await call.Service.SendAsync(request, cancellationToken));
            return ExitCode.Ok;
        });
        return command;
    }

    private static Command Test(Session session, DefinitionCommands definitions)
    {
        var name = definitions.Name();
        var command = new Command("test", "Posts a test event, and shows the endpoint's response. Exits with 1 if it failed.") { name };
        session.Run(command, async (call, cancellationToken) =>
        {
            var trial = (await call.Service.SendAsync(new ServiceCall(HttpMethod.Post, definitions.PathOf(call.Get(name)!) + "/test"), cancellationToken)).Json;
            var delivered = trial.IsTrue("delivered");
            if (call.Output.IsJson)
            {
                call.Output.Json(trial);
            }
            else
            {
                call.Output.Line(
                    (Cell.OfState(delivered ? "delivered" : "failed"), 0),
                    (trial.Text("status") ?? trial.Text("fault"), 0),
                    ($"{trial.Text("durationMs")} ms", 0),
                    (trial.Text("head"), 0));
            }

            return delivered ? ExitCode.Ok : ExitCode.Failed;
        });
        return command;
    }

    private static byte[] Body(string name, string value)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString(name, value);
            writer.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }
}
