using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using EventFunctions.Webhooks;

namespace EventFunctions.Http.Webhooks;

/// <summary>Posts signed events over HTTP, and returns every outcome as a result.</summary>
internal sealed class HttpWebhookClient(IHttpClientFactory clients, WebhookCredentials credentials, TimeProvider time) : IWebhookClient
{
    /// <summary>The name of the <see cref="HttpClient"/> that is used.</summary>
    public const string ClientName = "webhooks";


    // The status is what counts. Whoever goes on talking after it does not get the rest of the time.
    private static readonly TimeSpan HeadBudget = TimeSpan.FromSeconds(1);

    private readonly HttpClient _client = clients.CreateClient(ClientName);

    public async Task<EndpointResponse> SendAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var started = time.GetTimestamp();
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(request.Timeout);
        try
        {
            using var response = await PostAsync(request, budget.Token);
            var status = (int)response.StatusCode;
            var head = await ReadHeadAsync(response.Content, budget.Token);
            cancellationToken.ThrowIfCancellationRequested();
            return new EndpointResponse(
                status, status is >= 300 and < 400 ? WebhookFault.Redirect : null, time.GetElapsedTime(started), head, RetryAfterOf(response));
        }
        catch (WebhookCredentialsException e) when (!cancellationToken.IsCancellationRequested)
        {
            return new EndpointResponse(null, e.Fault, time.GetElapsedTime(started), e.Message, null);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            return new EndpointResponse(null, FaultOf(e), time.GetElapsedTime(started), null, null);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new OperationCanceledException("The attempt was cancelled.", e, cancellationToken);
        }
    }

    private async Task<HttpResponseMessage> PostAsync(WebhookRequest request, CancellationToken cancellationToken)
    {
        var credential = request.Auth is { } auth ? await credentials.GetAsync(auth, refused: null, cancellationToken) : null;
        var response = await PostOnceAsync(request, credential, cancellationToken);
        if (response.StatusCode != HttpStatusCode.Unauthorized || credential is not { IsCached: true })
        {
            return response;
        }

        // The token was revoked before its time.
        response.Dispose();
        return await PostOnceAsync(request, await credentials.GetAsync(request.Auth!, refused: credential, cancellationToken), cancellationToken);
    }

    private async Task<HttpResponseMessage> PostOnceAsync(WebhookRequest request, WebhookCredential? credential, CancellationToken cancellationToken)
    {
        using var message = Compose(request);
        message.Headers.Authorization = credential?.Header;
        return await _client.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
    }

    private static HttpRequestMessage Compose(WebhookRequest request)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, request.Url) { Content = new ReadOnlyMemoryContent(request.Body) };
        message.Content.Headers.ContentType = new MediaTypeHeaderValue(request.ContentType);
        foreach (var (name, value) in request.Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        message.Headers.TryAddWithoutValidation(StandardWebhookSignature.IdHeader, request.Id);
        message.Headers.TryAddWithoutValidation(StandardWebhookSignature.TimestampHeader, StandardWebhookSignature.TextOf(request.Timestamp));
        message.Headers.TryAddWithoutValidation(StandardWebhookSignature.SignatureHeader, string.Join(' ', request.Signatures));
        if (request.TraceParent is { } parent && ActivityContext.TryParse(parent, null, out _))
        {
            message.Headers.TryAddWithoutValidation("traceparent", parent);
        }

        return message;
    }

    // What breaks off, or takes too long, is what there is of it.
    private static async Task<string?> ReadHeadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        using var budget = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        budget.CancelAfter(HeadBudget);
        var buffer = new byte[EndpointResponse.MaxHeadBytes];
        var count = 0;
        try
        {
            await using var stream = await content.ReadAsStreamAsync(budget.Token);
            while (count < buffer.Length && await stream.ReadAsync(buffer.AsMemory(count), budget.Token) is var read and > 0)
            {
                count += read;
            }
        }
        catch (Exception e) when (e is OperationCanceledException or HttpRequestException or IOException)
        {
            // The status has come.
        }

        return count == 0 ? null : Readable(Encoding.UTF8.GetString(buffer, 0, count));
    }

    // Neither a terminal nor a page is to be told anything but text; formatting characters could turn its order round.
    private static string Readable(string text) => string.Concat(text.Where(c =>
        c is '\n' or '\t' || !(char.IsControl(c) || CharUnicodeInfo.GetUnicodeCategory(c) == UnicodeCategory.Format)));

    private TimeSpan? RetryAfterOf(HttpResponseMessage response)
    {
        var after = response.Headers.RetryAfter;
        var pause = after?.Delta ?? (after?.Date - time.GetUtcNow());
        return pause < TimeSpan.Zero ? TimeSpan.Zero : pause;
    }

    /// <summary>The short name of what went wrong.</summary>
    internal static string FaultOf(Exception error) => error switch
    {
        OperationCanceledException => WebhookFault.Timeout,
        HttpRequestException { InnerException: AddressRefusedException } => WebhookFault.RefusedAddress,
        _ when ResponseFramingException.Find(error) is not null => WebhookFault.Protocol,
        HttpRequestException e => e.HttpRequestError switch
        {
            HttpRequestError.NameResolutionError => WebhookFault.UnknownName,
            HttpRequestError.SecureConnectionError => WebhookFault.Tls,
            HttpRequestError.InvalidResponse or HttpRequestError.HttpProtocolError or HttpRequestError.VersionNegotiationError
                or HttpRequestError.ConfigurationLimitExceeded or HttpRequestError.ExtendedConnectNotSupported => WebhookFault.Protocol,
            _ => WebhookFault.Connection,
        },
        _ => WebhookFault.Connection,
    };
}
