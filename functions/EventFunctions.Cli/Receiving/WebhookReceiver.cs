using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Cli.Receiving;

/// <summary>
/// Receives webhook deliveries on this machine's own address, and shows those that the secret's owner signed. What is not signed
/// so is refused, and shown as refused without its content.
/// </summary>
/// <param name="call">The run of the command.</param>
/// <param name="secrets">The secrets, of which one has to match.</param>
/// <param name="count">How many verified deliveries there are to be.</param>
/// <param name="end">Ends it.</param>
internal sealed class WebhookReceiver(Call call, IReadOnlyList<WebhookSecret> secrets, long count, Action end)
{
    private const int MaxBodyBytes = 4_194_304;

    // Enough for every retry of whatever comes within minutes.
    private const int MaxRemembered = 100_000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private long _left = count;

    /// <summary>Receives until it is ended.</summary>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolException">The port is taken, or not for everybody.</exception>
    public async Task RunAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        await using var application = builder.Build();
        application.Run(AnswerAsync);
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new ToolException(ExitCode.Failed, e.Message);
        }
        catch (SocketException e)
        {
            throw new ToolException(ExitCode.Failed, $"Failed to listen on port {port}: {e.Message}. Ports below 1024 are often not for everybody; see --port.");
        }

        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        call.Output.WriteNote($"Receiving at {address}/ until Ctrl+C.");
        try
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // That is how it ends; what is being answered is answered.
            await application.StopAsync(CancellationToken.None);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (!HttpMethods.IsPost(context.Request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = HttpMethods.Post;
            return;
        }

        using var body = new MemoryStream();
        try
        {
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        }
        catch (BadHttpRequestException e)
        {
            context.Response.StatusCode = e.StatusCode;
            return;
        }

        var headers = context.Request.Headers;
        var delivery = new Delivery(
            headers[StandardWebhookSignature.IdHeader].ToString(), headers[StandardWebhookSignature.TimestampHeader].ToString(), body.ToArray());
        var verdict = StandardWebhookSignature.Verify(
            secrets, delivery.Id, delivery.Timestamp, headers[StandardWebhookSignature.SignatureHeader], delivery.Body, call.Context.Time.GetUtcNow());
        context.Response.StatusCode = verdict switch
        {
            SignatureVerdict.Valid => StatusCodes.Status204NoContent,
            SignatureVerdict.Malformed => StatusCodes.Status400BadRequest,
            _ => StatusCodes.Status401Unauthorized,
        };
        if (verdict != SignatureVerdict.Valid)
        {
            call.Output.WriteNote($"Refused {delivery.Id}: {Explain(verdict)}");
        }
        else if (Show(delivery))
        {
            await context.Response.CompleteAsync();
            end();
        }
    }

    private static string Explain(SignatureVerdict verdict) => verdict switch
    {
        SignatureVerdict.Malformed => "a webhook- header is missing, or is none.",
        SignatureVerdict.OutOfTime => $"its webhook-timestamp is more than {StandardWebhookSignature.Tolerance.TotalMinutes} minutes off.",
        _ => "no signature is of a secret that was given.",
    };

    // Whether it was the last that was asked for.
    private bool Show(Delivery delivery)
    {
        lock (_lock)
        {
            if (_left <= 0)
            {
                return false;
            }

            if (_known.Count == MaxRemembered)
            {
                _known.Clear();
            }

            var repeat = !_known.Add(delivery.Id);
            if (call.Output.IsJson)
            {
                call.Output.Json(delivery.ToJson(repeat));
            }
            else
            {
                var body = delivery.Parse();
                call.Output.Line(
                    ($"{call.Context.Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'}", 24),
                    (repeat ? new Cell("repeated", "yellow") : Cell.OfState("verified"), 8),
                    (delivery.Id, 26),
                    (body?.Text("type"), 20),
                    (body?.Text("id"), 24),
                    (body?.Text("subject"), 0));
            }

            return --_left == 0;
        }
    }

    private sealed record Delivery(string Id, string Timestamp, byte[] Body)
    {
        private static readonly JsonDocumentOptions Reading = new() { MaxDepth = 900 };

        public JsonElement? Parse()
        {
            try
            {
                using var document = JsonDocument.Parse(Body, Reading);
                return document.RootElement.Clone();
            }
            catch (JsonException)
            {
                return null;
            }
        }

        public JsonElement ToJson(bool repeat)
        {
            var text = new ArrayBufferWriter<byte>();
            using (var writer = new Utf8JsonWriter(text))
            {
                writer.WriteStartObject();
                writer.WriteString("webhookId", Id);
                writer.WriteString("timestamp", Timestamp);
                writer.WriteBoolean("repeated", repeat);
                if (Parse() is not null)
                {
                    writer.WritePropertyName("event");
                    writer.WriteRawValue(Body, skipInputValidation: true);
                }
                else
                {
                    writer.WriteString("body", Encoding.UTF8.GetString(Body));
                }

                writer.WriteEndObject();
            }

            using var document = JsonDocument.Parse(text.WrittenMemory, new JsonDocumentOptions { MaxDepth = 1_000 });
            return document.RootElement.Clone();
        }
    }
}
