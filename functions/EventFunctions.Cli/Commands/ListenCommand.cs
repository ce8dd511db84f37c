using System.CommandLine;
using EventFunctions.Cli.Receiving;
using EventFunctions.Webhooks;

namespace EventFunctions.Cli.Commands;

/// <summary><c>listen</c>: a receiver of webhooks on this machine, for whoever builds one.</summary>
internal static class ListenCommand
{
    /// <summary>The environment variable for the secret.</summary>
    public const string SecretVariable = "EVENTFUNCTIONS_WEBHOOK_SECRET";

    private const int DefaultPort = 7080;

    /// <summary>The command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var port = new Option<int>("--port")
        {
            Description = $"The port on this machine's own address (default {DefaultPort}; 0 for a free one).",
            HelpName = "PORT",
            DefaultValueFactory = _ => DefaultPort,
        };
        port.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !ushort.TryParse(token.Value, out _))
            {
                result.AddError("--port must be a number from 0 to 65535.");
            }
        });
        var secrets = new Option<string[]>("--secret")
        {
            Description = $"The webhook's secret, {WebhookSecret.Prefix}…; repeated while it is rotated (default {SecretVariable}, several with spaces between).",
            HelpName = "SECRET",
        };
        var count = new Option<long?>("--count") { Description = "End after as many verified deliveries.", HelpName = "N" };
        var command = new Command("listen", "Receives webhook deliveries on this machine, verifies and shows them, until Ctrl+C.") { port, secrets, count };
        session.Run(command, async (call, cancellationToken) =>
        {
            var given = call.Get(secrets) is { Length: > 0 } texts ? texts : session.Context.Variable(SecretVariable)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var receiver = new WebhookReceiver(call, Parse(given), call.Get(count) ?? long.MaxValue, enough.Cancel);
            await receiver.RunAsync(call.Get(port), enough.Token);
            return ExitCode.Ok;
        });
        return command;
    }

    // No message holds a secret.
    private static WebhookSecret[] Parse(string[] texts) =>
        texts.Length == 0 ? throw new ToolException(ExitCode.Usage, $"A secret is needed to verify anything: --secret or {SecretVariable}.")
        : [.. texts.Select(text => WebhookSecret.TryParse(text.Trim(), out var secret)
            ? secret
            : throw new ToolException(ExitCode.Usage, $"A secret is {WebhookSecret.Prefix} and 24 to 64 bytes in base64, as the first answer to webhooks put shows it."))];
}
