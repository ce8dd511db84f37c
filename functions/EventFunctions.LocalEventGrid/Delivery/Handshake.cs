using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Asks a webhook whether it wants events: in the CloudEvents schema by <c>OPTIONS</c> (CloudEvents HTTP 1.1 Web Hooks),
/// in the Event Grid schema by an event whose code it has to echo. It can also agree later, by a request to a URL that both carry. Until
/// it agrees, it gets nothing.
/// </summary>
internal sealed class Handshake(WebhookSender sender, TimeProvider time, TimeSpan interval, ILogger<Handshake> logger)
{
    private readonly ConcurrentDictionary<string, ManualValidation> _manual = new(StringComparer.Ordinal);

    /// <summary>Returns the URL by which a subscription's webhook can agree; null while this host has no address. Set before the first question.</summary>
    public Func<Subscription, string, Uri?> ManualUrl { get; set; } = (_, _) => null;


    /// <summary>Who asks.</summary>
    public const string Origin = "eventgrid.azure.net";

    /// <summary>Asks until the answer is yes.</summary>
    /// <exception cref="OperationCanceledException">Nobody waits any more.</exception>
    public async Task CompleteAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        while (!subscription.IsAzureResource && !ManualOf(subscription).Agreed.IsCompleted
            && await FailureAsync(subscription, cancellationToken) is { } failure)
        {
            logger.LogWarning(
                "The webhook of subscription {Subscription} of topic {Topic} is not validated and receives no events: {Failure}",
                subscription.Name,
                subscription.Topic,
                failure);
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await Task.WhenAny(Task.Delay(interval, time, waiting.Token), ManualOf(subscription).Agreed);
            await waiting.CancelAsync();
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Agrees in a webhook's name.</summary>
    /// <param name="topic">The subscription's topic.</param>
    /// <param name="subscription">The subscription.</param>
    /// <param name="token">The token of the URL.</param>
    /// <returns>False where the token is not the subscription's, or is no longer good.</returns>
    public bool TryAgree(string topic, string subscription, string? token) =>
        _manual.TryGetValue($"{topic}/{subscription}".ToUpperInvariant(), out var manual) && manual.TryAgree(token);

    private ManualValidation ManualOf(Subscription subscription) => _manual.GetOrAdd(subscription.Key, _ => new ManualValidation(time));

    private Uri? ManualUrlOf(Subscription subscription) => ManualUrl(subscription, ManualOf(subscription).Token);

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
        if (ManualUrlOf(subscription) is { } callback)
        {
            request.Headers.TryAddWithoutValidation("WebHook-Request-Callback", callback.AbsoluteUri);
        }

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
                data = new { validationCode = code, validationUrl = ManualUrlOf(subscription)?.AbsoluteUri },
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
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The latter is half of a surrogate pair.
            return false;
        }
    }
}
