using System.Buffers;
using System.Security.Cryptography;
using System.Text.Json;
using EventFunctions.Cli.Commands;
using EventFunctions.Cli.Service;
using EventFunctions.Webhooks;

namespace EventFunctions.Cli.Receiving;

/// <summary>A webhook that is registered while the tool listens.</summary>
/// <param name="call">The run of the command.</param>
internal sealed class WebhookRegistration(Call call)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly string _name = "listen-" + RandomNumberGenerator.GetHexString(8, lowercase: true);

    /// <summary>Whether the webhook is registered, or may be.</summary>
    public bool IsRegistered { get; private set; }

    /// <summary>Checks that the service can reach this machine's loopback address.</summary>
    /// <exception cref="ToolException">The service is on another machine.</exception>
    public void Check()
    {
        if (!call.Service.Connection.IsLoopback)
        {
            throw new ToolException(
                ExitCode.Usage,
                $"--register needs a service on this machine: {call.Service.Connection.Url} cannot reach 127.0.0.1 here. "
                + "Open a tunnel to this port, register its URL (webhooks put), and pass the secret with --secret.");
        }
    }

    /// <summary>Registers the webhook.</summary>
    /// <param name="address">Where the tool listens.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The secret that deliveries are signed with.</returns>
    /// <exception cref="ToolException">The service rejects it or cannot be reached.</exception>
    public async Task<WebhookSecret> RegisterAsync(Uri address, CancellationToken cancellationToken)
    {
        // A request that is cancelled may have arrived.
        IsRegistered = true;
        try
        {
            var response = await call.Service.SendAsync(
                new ServiceCall(HttpMethod.Put, Path) { Body = Definition(address), Headers = [("If-None-Match", "*")] }, cancellationToken);
            call.Output.WriteNote($"Registered webhook {_name} for enriched events.");
            return WebhookSecret.TryParse(response.Json.Text("secret"), out var secret)
                ? secret
                : throw new ToolException(ExitCode.Failed, $"{call.Service.Connection.Url} returned no secret for webhook {_name}.");
        }
        catch (ToolException)
        {
            IsRegistered = false;
            throw;
        }
    }

    /// <summary>Deletes the webhook, even if the command is being cancelled.</summary>
    public async Task UnregisterAsync()
    {
        using var patience = new CancellationTokenSource(Patience, call.Context.Time);
        try
        {
            var response = await call.Service.AskAsync(new ServiceCall(HttpMethod.Delete, Path) { Headers = [("If-Match", "*")] }, patience.Token);
            if (response.IsSuccess)
            {
                call.Output.WriteNote($"Unregistered webhook {_name}.");
            }
            else if (response.Status is not (404 or 412))
            {
                Report(response.Json.Text("detail") ?? $"{response.Status}");
            }
        }
        catch (ToolException e)
        {
            Report(e.Message);
        }
        catch (OperationCanceledException)
        {
            Report($"no response within {Patience.TotalSeconds} seconds");
        }
    }

    private string Path => $"api/webhooks/{DefinitionCommands.SegmentOf(_name)}";

    private void Report(string reason) =>
        call.Output.WriteNote($"Could not unregister webhook {_name}: {reason}. Delete it: eventfunctions webhooks delete {_name} --force");

    private static byte[] Definition(Uri address)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("url", address.AbsoluteUri);
            writer.WriteEndObject();
        }

        return body.WrittenSpan.ToArray();
    }
}
