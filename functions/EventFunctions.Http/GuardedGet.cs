using System.Net;
using EventFunctions.Producers;
using EventFunctions.Records;
using Polly.CircuitBreaker;

namespace EventFunctions.Http;

/// <summary>
/// Gets a producer's URLs with its credentials, within its time limit, and never outside its base URL: every redirect is checked.
/// </summary>
internal sealed class GuardedGet(IHttpClientFactory clients, ProducerCredentials credentials, TimeProvider clock)
{
    /// <summary>The name of the <see cref="HttpClient"/> that is used.</summary>
    public const string ClientName = "producers";

    private const int MaxRedirects = 5;

    // One for all calls: its handler lives as long as it does, and renews its connections itself.
    private readonly HttpClient _client = clients.CreateClient(ClientName);

    /// <summary>Gets one resource.</summary>
    /// <typeparam name="T">What is made of the answer.</typeparam>
    /// <param name="producer">Whose it is.</param>
    /// <param name="url">A normalised absolute URL under the producer's base URL.</param>
    /// <param name="maxBytes">The most bytes that the body may have after content decoding.</param>
    /// <param name="prepare">Adds headers to each request.</param>
    /// <param name="read">Makes something of an answer; null where it is not the one that was asked for.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="FetchException">It could not be had.</exception>
    public async Task<T> GetAsync<T>(
        Producer producer, Uri url, int maxBytes, Action<HttpRequestMessage> prepare, Func<HttpResponseMessage, Uri, T?> read, CancellationToken cancellationToken)
        where T : class
    {
        var place = producer.Data ?? throw new ArgumentException("The producer has no data.", nameof(producer));
        using var time = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        time.CancelAfter(place.Timeout);
        try
        {
            for (var redirects = 0; redirects <= MaxRedirects; redirects++)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, url);
                prepare(request);
                using var response = await SendAsync(request, producer, maxBytes, time.Token, cancellationToken);
                if (read(response, url) is { } result)
                {
                    return result;
                }

                url = RedirectOf(response, url, place) ?? throw Refusal(producer, response);
            }

            throw new FetchException(FailureReason.BadAnswer, permanent: true, $"More than {MaxRedirects} redirects.");
        }
        catch (Exception e) when (e is not FetchException && !cancellationToken.IsCancellationRequested)
        {
            throw Explain(producer, e);
        }
    }

    private async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, Producer producer, int maxBytes, CancellationToken time, CancellationToken cancelled)
    {
        request.Options.Set(ProducerResilience.Producer, producer.Name);
        request.Options.Set(ProducerResilience.Cancelled, cancelled);
        request.Options.Set(LimitedBodyHandler.MaxBytes, maxBytes);
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

    private FetchException Refusal(Producer producer, HttpResponseMessage response)
    {
        var status = response.StatusCode;
        var message = $"The producer \"{producer.Name}\" returned {(int)status}.";
        return status switch
        {
            HttpStatusCode.NotFound or HttpStatusCode.Gone => new(FailureReason.DataNotFound, permanent: true, message),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new(FailureReason.AccessDenied, permanent: true, message),
            _ when ProducerResilience.IsTransient(status) => new(FailureReason.ProducerUnavailable, permanent: false, message)
            {
                RetryAt = response.Headers.RetryAfter is { } after ? after.Date ?? clock.GetUtcNow() + after.Delta : null,
            },
            _ => new(FailureReason.BadAnswer, permanent: true, message),
        };
    }

    private static FetchException Explain(Producer producer, Exception error) => error switch
    {
        // First, because it holds the failure of an earlier request.
        BrokenCircuitException => new(
            FailureReason.ProducerUnavailable,
            permanent: false,
            $"The producer \"{producer.Name}\" was not called: its circuit is open because recent requests failed.",
            error),
        HttpRequestException { InnerException: AddressRefusedException refused } =>
            new(FailureReason.AddressRefused, permanent: true, refused.Message, error),
        _ when ResponseFramingException.Find(error) is { } framing =>
            new(FailureReason.BadAnswer, permanent: false, $"The producer \"{producer.Name}\" sent an ambiguous response: {framing.Message}", error),
        OperationCanceledException => new(
            FailureReason.Timeout, permanent: false, $"The producer \"{producer.Name}\" did not respond within {producer.Data!.Timeout}.", error),
        HttpRequestException e => new(
            FailureReason.ProducerUnavailable,
            permanent: false,
            $"The producer \"{producer.Name}\" cannot be reached ({e.HttpRequestError}).",
            error),
        _ => new(FailureReason.ProducerUnavailable, permanent: false, $"The response of the producer \"{producer.Name}\" ended early.", error),
    };
}
