using System.Collections.Immutable;

namespace EventFunctions.Webhooks;

/// <summary>Posts signed events to customers' endpoints.</summary>
public interface IWebhookClient
{
    /// <summary>Posts one message once. Every behaviour of the endpoint is a result; none throws.</summary>
    /// <param name="request">The message.</param>
    /// <param name="cancellationToken">Ends the attempt, after which nobody knows whether the endpoint has the message.</param>
    /// <exception cref="OperationCanceledException">The attempt was cancelled.</exception>
    Task<EndpointResponse> SendAsync(WebhookRequest request, CancellationToken cancellationToken);
}

/// <summary>A signed message.</summary>
/// <param name="Url">The endpoint.</param>
/// <param name="Id">The <c>webhook-id</c>: the same for every attempt.</param>
/// <param name="Timestamp">The time of the attempt, as it was signed.</param>
/// <param name="Signatures">The signatures, each <c>v1,base64</c>.</param>
/// <param name="Body">One structured CloudEvent in JSON, as it was signed.</param>
/// <param name="TraceParent">The <c>traceparent</c> header (W3C Trace Context); null for none. One that is none is left out.</param>
/// <param name="Timeout">How long the whole attempt may take, from resolving the name to the answer's head.</param>
public sealed record WebhookRequest(
    Uri Url, string Id, DateTimeOffset Timestamp, IReadOnlyList<string> Signatures, ReadOnlyMemory<byte> Body, string? TraceParent, TimeSpan Timeout)
{
    /// <summary>How to authenticate beside the signature; null for not at all.</summary>
    public WebhookAuth? Auth { get; init; }

    /// <summary>The content type.</summary>
    public string ContentType { get; init; } = WebhookContentType.CloudEvents;

    /// <summary>Headers beside the service's own.</summary>
    public ImmutableSortedDictionary<string, string> Headers { get; init; } = WebhookHeaders.None;

    /// <summary>Signs a message for a webhook.</summary>
    /// <param name="webhook">The webhook.</param>
    /// <param name="id">The <c>webhook-id</c>.</param>
    /// <param name="at">The time of the attempt.</param>
    /// <param name="body">The body.</param>
    /// <param name="traceParent">The <c>traceparent</c> header; null for none.</param>
    internal static WebhookRequest To(Webhook webhook, string id, DateTimeOffset at, ReadOnlyMemory<byte> body, string? traceParent) =>
        new(webhook.Url, id, at, webhook.Secrets.Sign(id, at, body.Span), body, traceParent, webhook.Timeout)
        {
            Auth = webhook.Auth,
            ContentType = webhook.ContentType,
            Headers = webhook.Headers,
        };
}

/// <summary>The outcome of an attempt.</summary>
/// <param name="Status">The HTTP status; null where no answer came.</param>
/// <param name="Fault">What went wrong beside the status, one of <see cref="WebhookFault"/>; null where nothing did.</param>
/// <param name="Duration">How long the attempt took.</param>
/// <param name="Head">The first 1,024 bytes of the answer's body as text without control characters, or why there are no credentials; null where there was none.</param>
/// <param name="RetryAfter">How long the endpoint asks to be left alone, by <c>Retry-After</c>; null where it does not.</param>
public sealed record EndpointResponse(int? Status, string? Fault, TimeSpan Duration, string? Head, TimeSpan? RetryAfter)
{
    /// <summary>The most bytes of an answer's body that are looked at.</summary>
    public const int MaxHeadBytes = 1_024;

    /// <summary>Whether the endpoint has the message: it answered 2xx.</summary>
    public bool IsDelivered => Fault is null && Status is >= 200 and < 300;
}

/// <summary>What may go wrong with an attempt beside the status, as short names that group alike.</summary>
public static class WebhookFault
{
    /// <summary>No answer came in time.</summary>
    public const string Timeout = "timeout";

    /// <summary>The endpoint's name has no allowed address, or the address is not allowed.</summary>
    public const string RefusedAddress = "refusedAddress";

    /// <summary>The endpoint's name does not resolve.</summary>
    public const string UnknownName = "unknownName";

    /// <summary>The endpoint could not be reached, or hung up without an answer.</summary>
    public const string Connection = "connection";

    /// <summary>TLS could not be agreed on, or the certificate is not valid.</summary>
    public const string Tls = "tls";

    /// <summary>The setting that holds the endpoint's secret is missing or unusable.</summary>
    public const string MissingSecret = "missingSecret";

    /// <summary>The OAuth 2 token endpoint issued no token.</summary>
    public const string Token = "token";

    /// <summary>The response is not HTTP.</summary>
    public const string Protocol = "protocol";

    /// <summary>The answer leads elsewhere, which is not followed.</summary>
    public const string Redirect = "redirect";
}
