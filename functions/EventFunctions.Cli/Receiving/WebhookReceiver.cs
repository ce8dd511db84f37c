using System.Net;
using System.Net.Sockets;
using EventFunctions.Cli.Service;
using EventFunctions.Cli.Terminal;
using EventFunctions.Records;
using EventFunctions.Webhooks;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EventFunctions.Cli.Receiving;

/// <summary>
/// Receives webhook deliveries on the loopback address, verifies their signatures, and shows or forwards those that are valid. Others
/// are refused, and counted on standard error without their content.
/// </summary>
/// <param name="call">The run of the command.</param>
/// <param name="forwarder">Forwards valid deliveries; null to answer 204.</param>
/// <param name="count">How many valid deliveries to receive.</param>
/// <param name="end">Ends the command.</param>
internal sealed class WebhookReceiver(Call call, Forwarder? forwarder, long count, Action end)
{
    private const int MaxBodyBytes = 4_194_304;

    // Covers every retry of the last minutes.
    private const int MaxRemembered = 100_000;

    private readonly Lock _lock = new();
    private readonly HashSet<string> _known = new(StringComparer.Ordinal);
    private readonly TaskCompletionSource<IReadOnlyList<WebhookSecret>> _secrets = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _expected = count;
    private long _left = count;

    /// <summary>Receives until it is cancelled.</summary>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="registration">The webhook to register meanwhile; null to register none.</param>
    /// <param name="secrets">The secrets, one of which must match, unless a webhook is registered.</param>
    /// <param name="cancellationToken">Ends the command in order.</param>
    /// <exception cref="ToolException">The port is taken or not permitted, or the webhook cannot be registered.</exception>
    public async Task RunAsync(int port, WebhookRegistration? registration, IReadOnlyList<WebhookSecret> secrets, CancellationToken cancellationToken)
    {
        using var refusals = new RefusalLog(call.Context.Time, new NoteLogger(call.Output));
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        await using var application = builder.Build();
        application.Run(context => AnswerAsync(context, refusals));
        await StartAsync(application, port, cancellationToken);
        var address = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        try
        {
            _secrets.SetResult(registration is null ? secrets : [await registration.RegisterAsync(new Uri(address), cancellationToken)]);
            call.Output.WriteNote($"Receiving at {address}/ until Ctrl+C.");
            await Task.Delay(Timeout.Infinite, cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl+C is how the command ends.
        }
        finally
        {
            // Deliveries that wait for it are refused, and come again.
            _secrets.TrySetResult([]);
        }

        if (registration is { IsRegistered: true })
        {
            await registration.UnregisterAsync();
        }

        // Deliveries that have begun are answered.
        await application.StopAsync(CancellationToken.None);
    }

    private static async Task StartAsync(WebApplication application, int port, CancellationToken cancellationToken)
    {
        try
        {
            await application.StartAsync(cancellationToken);
        }
        catch (IOException e)
        {
            throw new ToolException(ExitCode.Failed, $"{e.Message} Use another --port, or 0 for a free one.");
        }
        catch (SocketException e)
        {
            throw new ToolException(ExitCode.Failed, $"Failed to listen on port {port}: {e.Message}. Ports below 1024 often need privileges; use another --port, or 0 for a free one.");
        }
    }

    private async Task AnswerAsync(HttpContext context, RefusalLog refusals)
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
        var delivery = new ReceivedDelivery(
            headers[StandardWebhookSignature.IdHeader].ToString(), headers[StandardWebhookSignature.TimestampHeader].ToString(), body.ToArray());
        var verdict = StandardWebhookSignature.Verify(
            await _secrets.Task, delivery.Id, delivery.Timestamp, headers[StandardWebhookSignature.SignatureHeader], delivery.Body, call.Context.Time.GetUtcNow());
        if (verdict == SignatureVerdict.Valid)
        {
            await ReceiveAsync(context, delivery);
            return;
        }

        context.Response.StatusCode = verdict == SignatureVerdict.Malformed ? StatusCodes.Status400BadRequest : StatusCodes.Status401Unauthorized;
        refusals.Record(Explain(verdict), $"{StandardWebhookSignature.IdHeader}: {(delivery.Id.Length == 0 ? "none" : delivery.Id)}");
    }

    private static string Explain(SignatureVerdict verdict) => verdict switch
    {
        SignatureVerdict.Malformed => "a webhook- header is missing or malformed",
        SignatureVerdict.OutOfTime => $"the webhook-timestamp is more than {StandardWebhookSignature.Tolerance.TotalMinutes} minutes off",
        _ => "the signature matches no secret that was given",
    };

    private async Task ReceiveAsync(HttpContext context, ReceivedDelivery delivery)
    {
        bool repeated;
        lock (_lock)
        {
            if (_expected <= 0)
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return;
            }

            _expected--;
            if (_known.Count == MaxRemembered)
            {
                _known.Clear();
            }

            repeated = !_known.Add(delivery.Id);
        }

        var forwarded = forwarder is null ? null : await forwarder.ForwardAsync(context.Request.Headers, delivery.Body, CancellationToken.None);
        context.Response.StatusCode = forwarded?.Status ?? StatusCodes.Status204NoContent;
        if (forwarded?.RetryAfter is { } retryAfter)
        {
            context.Response.Headers.RetryAfter = retryAfter;
        }

        bool isLast;
        lock (_lock)
        {
            Show(delivery, repeated, forwarded);
            isLast = --_left == 0;
        }

        if (isLast)
        {
            await context.Response.CompleteAsync();
            end();
        }
    }

    private void Show(ReceivedDelivery delivery, bool repeated, ForwardResult? forwarded)
    {
        if (call.Output.IsJson)
        {
            call.Output.Json(delivery.ToJson(repeated, forwarded));
            return;
        }

        var body = delivery.Parse();
        call.Output.Line(
        [
            ($"{call.Context.Time.GetUtcNow():yyyy-MM-dd'T'HH:mm:ss.fff'Z'}", 24),
            (repeated ? new Cell("repeated", "yellow") : Cell.OfState("verified"), 8),
            .. forwarded is null ? ReadOnlySpan<(Cell, int)>.Empty : [(forwarded.ToCell(), 3)],
            (delivery.Id, 26),
            (body?.Text("type"), 20),
            (body?.Text("id"), 24),
            (body?.Text("subject"), 0),
        ]);
    }
}
