using EventFunctions.Producers;

namespace EventFunctions.Http;

/// <summary>Fetches full data over HTTP.</summary>
internal sealed class HttpProducerClient(GuardedGet get) : IProducerClient
{
    public Task<FetchedData> FetchAsync(Producer producer, Uri url, CancellationToken cancellationToken) =>
        get.GetAsync(
            producer,
            url,
            producer.Data?.MaxBytes ?? 0,
            _ => { },
            (response, at) => response.Content is ReadBody body
                ? new FetchedData(at, body.Headers.ContentType?.ToString(), response.Headers.ETag?.ToString(), body.Bytes)
                : null,
            cancellationToken);
}
