using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Asks a webhook whether it wants events: in the CloudEvents schema by <c>OPTIONS</c> (CloudEvents HTTP 1.1 Web Hooks),
/// in the Event Grid schema by an event whose code it has to echo. Until it says yes, it gets nothing.
/// </summary>
internal sealed class Handshake(WebhookSender sender, TimeProvider time, TimeSpan interval, ILogger<Handshake> logger)
{
    /// <summary>Who asks.</summary>
    public const string Origin = "eventgrid.azure.net";

    /// <summary>Asks until the answer is yes.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    public async Task CompleteAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        while (!subscription.IsAzureResource && await FailureAsync(subscription, cancellationToken) is { } failure)
        {
            logger.LogWarning(
                "The webhook of subscription {Subscription} of topic {Topic} is not validated and receives no events: {Failure}",
                subscription.Name,
                subscription.Topic,
                failure);
            await Task.Delay(interval, time, cancellationToken);
        }
    }

    // Null where the webhook agrees.
    private async Task<string?> FailureAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        try
        {
            return subscription.DeliverySchema == EventSchema.CloudEvents
                ? await AskByOptionsAsync(subscription, cancellationToken)
                : await AskByEventAsync(subscription, cancellationToken);
        }
        catch (HttpRequestException e)
        {
            return e.Message;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return "no response in time";
        }
    }

    private async Task<string?> AskByOptionsAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Options, subscription.Endpoint);
        request.Headers.TryAddWithoutValidation("WebHook-Request-Origin", Origin);
        var (response, _) = await sender.SendAsync(request, cancellationToken);
        using (response)
        {
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return $"OPTIONS returned {(int)response.StatusCode}";
            }

            var allowed = response.Headers.TryGetValues("WebHook-Allowed-Origin", out var values) ? values : [];
            return allowed.SelectMany(v => v.Split(',', StringSplitOptions.TrimEntries)).Any(o => o is "*" || o.Equals(Origin, StringComparison.OrdinalIgnoreCase))
                ? null
                : $"the response to OPTIONS has no WebHook-Allowed-Origin with {Origin} or *";
        }
    }

    private async Task<string?> AskByEventAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        var code = Guid.NewGuid().ToString().ToUpperInvariant();
        var body = JsonSerializer.SerializeToUtf8Bytes(new[]
        {
            new
            {
                id = Guid.NewGuid().ToString(),
                topic = Topic.ResourceIdOf(subscription.Topic),
                subject = "",
                data = new { validationCode = code },
                eventType = "Microsoft.EventGrid.SubscriptionValidationEvent",
                eventTime = time.GetUtcNow().UtcDateTime,
                metadataVersion = "1",
                dataVersion = "2",
            },
        });
        using var request = WebhookSender.NewPost(subscription, body, "application/json; charset=utf-8", "SubscriptionValidation", 0);
        request.Headers.TryAddWithoutValidation("aeg-data-version", "2");
        var (response, answer) = await sender.SendAsync(request, cancellationToken);
        using (response)
        {
            if (response.StatusCode != HttpStatusCode.OK)
            {
                return $"the validation event returned {(int)response.StatusCode}";
            }

            return IsEcho(answer, code) ? null : "the response to the validation event does not have its code as validationResponse";
        }
    }

    // Microsoft's own samples write the name in either case.
    private static bool IsEcho(byte[] answer, string code)
    {
        try
        {
            using var json = JsonDocument.Parse(answer);
            return json.RootElement.ValueKind == JsonValueKind.Object
                && json.RootElement.EnumerateObject().Any(p =>
                    p.Name.Equals("validationResponse", StringComparison.OrdinalIgnoreCase)
                    && p.Value.ValueKind == JsonValueKind.String
                    && p.Value.ValueEquals(code));
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
