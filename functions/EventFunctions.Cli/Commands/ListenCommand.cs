using System.CommandLine;
using EventFunctions.Cli.Receiving;
using EventFunctions.Webhooks;

namespace EventFunctions.Cli.Commands;

/// <summary><c>listen</c>: receives webhook deliveries on this machine.</summary>
internal static class ListenCommand
{
    /// <summary>The environment variable for the secret.</summary>
    public const string SecretVariable = "EVENTFUNCTIONS_WEBHOOK_SECRET";

    private const int DefaultPort = 7080;

    /// <summary>Creates the command.</summary>
    /// <param name="session">What all commands share.</param>
    public static Command Create(Session session)
    {
        var port = new Option<int>("--port")
        {
            Description = $"The port on 127.0.0.1 (default {DefaultPort}; 0 for a free one).",
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
            Description = $"The webhook's secret, {WebhookSecret.Prefix}…; repeat it during a rotation (default {SecretVariable}, separated by spaces).",
            HelpName = "SECRET",
        };
        var register = new Option<bool>("--register") { Description = "Register a webhook that posts here, and unregister it at the end. The service must run on this machine." };
        var forwardTo = EventOptions.Text("--forward-to", "Post each verified delivery to this URL with its headers and body, and answer with the status of the response.", "URL");
        var count = new Option<long?>("--count") { Description = "End after this many verified deliveries.", HelpName = "N" };
        var command = new Command("listen", "Receives webhook deliveries on this machine, verifies and shows them, until Ctrl+C.") { port, secrets, register, forwardTo, count };
        command.Validators.Add(result =>
        {
            if (result.GetValue(register) && result.GetResult(secrets) is { Implicit: false })
            {
                result.AddError("--register gets a secret from the service: leave out --secret.");
            }
        });
        session.Run(command, async (call, cancellationToken) =>
        {
            var registration = call.Get(register) ? new WebhookRegistration(call) : null;
            registration?.Check();
            IReadOnlyList<WebhookSecret> given = registration is null ? Parse(SecretsOf(call, secrets)) : [];
            using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            using var forwarder = call.Get(forwardTo) is { } url ? new Forwarder(Forwarder.ParseUrl(url), session.Context.Network) : null;
            var receiver = new WebhookReceiver(call, forwarder, call.Get(count) ?? long.MaxValue, enough.Cancel);
            await receiver.RunAsync(call.Get(port), registration, given, enough.Token);
            return ExitCode.Ok;
        });
        return command;
    }

    private static string[] SecretsOf(Call call, Option<string[]> secrets) =>
        call.Get(secrets) is { Length: > 0 } texts ? texts : call.Context.Variable(SecretVariable)?.Split(' ', StringSplitOptions.RemoveEmptyEntries) ?? [];

    // No message holds a secret.
    private static WebhookSecret[] Parse(string[] texts) =>
        texts.Length == 0 ? throw new ToolException(ExitCode.Usage, $"No secret to verify deliveries with. Use --register, --secret or {SecretVariable}.")
        : [.. texts.Select(text => WebhookSecret.TryParse(text.Trim(), out var secret)
            ? secret
            : throw new ToolException(ExitCode.Usage, $"A secret is {WebhookSecret.Prefix} and 24 to 64 bytes in base64. The first response to webhooks put shows it."))];
}
