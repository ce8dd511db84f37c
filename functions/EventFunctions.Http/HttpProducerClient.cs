using System.Net;
using EventFunctions.Enrichment;
using EventFunctions.Events;
using EventFunctions.Ports;
using EventFunctions.Producers;
using Polly.CircuitBreaker;

namespace EventFunctions.Http;

/// <summary>Fetches full data over HTTP. Redirects are followed by hand, each only under the producer's base URL.</summary>
internal sealed class HttpProducerClient(IHttpClientFactory clients, ProducerCredentials credentials) : IProducerClient
{
    /// <summary>The name of the <see cref="HttpClient"/> that is used.</summary>
    public const string ClientName = "producers";

    private const int MaxRedirects = 5;

    // One for all fetches: its handler lives as long as it does, and renews its connections itself.
    private readonly HttpClient _client = clients.CreateClient(ClientName);

    public async Task<FetchedData> FetchAsync(Producer producer, Uri url, CancellationToken cancellationToken)
    {
        var place = producer.Data ?? throw new ArgumentException("The producer has no data.", nameof(producer));
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(place.Timeout);
        try
        {
            for (var redirects = 0; redirects <= MaxRedirects; redirects++)
            {
                using var response = await SendAsync(producer, url, time.Token, cancellationToken);
                if (response.Content is ReadBody body)
                {
                    return new FetchedData(url, body.Headers.ContentType?.ToString(), response.Headers.ETag?.ToString(), body.Bytes);
                }

                url = RedirectOf(response, url, place) ?? throw Refusal(producer, response.StatusCode);
            }

            throw new FetchException(FailureReason.BadAnswer, permanent: true, $"More than {MaxRedirects} redirects.");
        }
        catch (Exception e) when (e is not FetchException && !cancellationToken.IsCancellationRequested)
        {
            throw Explain(producer, e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(Producer producer, Uri url, CancellationToken time, CancellationToken cancelled)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Options.Set(ProducerResilience.Producer, producer.Name);
        request.Options.Set(ProducerResilience.Cancelled, cancelled);
        request.Options.Set(LimitedBodyHandler.MaxBytes, producer.Data!.MaxBytes);
        await credentials.AddAsync(request, producer, time);

        // The body is read below the resilience handler; there is nothing left for the client to buffer.
        return await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, time);
    }

    private static Uri? RedirectOf(HttpResponseMessage response, Uri url, ProducerData place) =>
        response.StatusCode is HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect
        && response.Headers.Location is { } location
            ? DataLocation.Resolve(place.BaseUrl, url, location.OriginalString)
            : null;

    private static FetchException Refusal(Producer producer, HttpStatusCode status)
    {
        var message = $"The producer \"{producer.Name}\" answered {(int)status}.";
        return status switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new(FailureReason.DataNotFound, permanent: true, message),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(FailureReason.AccessDenied, permanent: true, message),
            _ when ProducerResilience.IsTransient(status) => new(FailureReason.ProducerUnavailable, permanent: false, message),
            _ => new(FailureReason.BadAnswer, permanent: true, message),
        };
    }

    private static FetchException Explain(Producer producer, Exception error) => error switch
    {
        HttpRequestException { InnerException: AddressRefusedException refused } =>
            new(FailureReason.AddressRefused, permanent: true, refused.Message, error),
        BrokenCircuitException => new(
            FailureReason.ProducerUnavailable,
            permanent: false,
            $"The producer \"{producer.Name}\" was not asked, because it failed nearly every time just now.",
            error),
        OperationCanceledException => new(
            FailureReason.Timeout, permanent: false, $"The producer \"{producer.Name}\" did not answer within {producer.Data!.Timeout}.", error),
        HttpRequestException e => new(
            FailureReason.ProducerUnavailable,
            permanent: false,
            $"The producer \"{producer.Name}\" cannot be reached ({e.HttpRequestError}).",
            error),
        _ => new(FailureReason.ProducerUnavailable, permanent: false, $"The answer of the producer \"{producer.Name}\" broke off.", error),
    };
}
