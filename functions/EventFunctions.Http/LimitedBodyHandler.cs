using System.Net;
using EventFunctions.Producers;
using EventFunctions.Records;

namespace EventFunctions.Http;

/// <summary>
/// Reads each body to its end, after content decoding and within the request's limit. It stands inside the resilience
/// handler, so that a body that breaks off or never ends counts as a failure of the producer and is tried again.
/// </summary>
internal sealed class LimitedBodyHandler : DelegatingHandler
{
    /// <summary>The most bytes that the body of a request's answer may have.</summary>
    public static readonly HttpRequestOptionsKey<int> MaxBytes = new("EventFunctions.MaxBytes");

    private const int FirstBuffer = 16 * 1024;

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken);
        if (response.StatusCode is not HttpStatusCode.OK)
        {
            return response;
        }

        try
        {
            request.Options.TryGetValue(MaxBytes, out var maxBytes);
            response.Content = new ReadBody(await ReadAsync(response.Content, maxBytes, cancellationToken), response.Content.Headers);
            return response;
        }
        catch
        {
            response.Dispose();
            throw;
        }
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpContent content, int maxBytes, CancellationToken cancellationToken)
    {
        if (content.Headers.ContentEncoding.Count > 0)
        {
            throw new FetchException(
                FailureReason.BadAnswer, permanent: true, "The producer sent a content encoding other than gzip, br or deflate.");
        }

        if (content.Headers.ContentLength > maxBytes)
        {
            throw TooLarge(maxBytes);
        }

        // One byte more than is allowed, to see that there is one.
        var buffer = new byte[(content.Headers.ContentLength ?? Math.Min(FirstBuffer, maxBytes)) + 1];
        var length = 0;
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        try
        {
            while (await stream.ReadAsync(buffer.AsMemory(length), cancellationToken) is var read and > 0)
            {
                length += read;
                if (length > maxBytes)
                {
                    throw TooLarge(maxBytes);
                }

                if (length == buffer.Length)
                {
                    Array.Resize(ref buffer, (int)Math.Min(buffer.Length * 2L, maxBytes + 1L));
                }
            }
        }
        catch (InvalidDataException e)
        {
            throw new FetchException(FailureReason.InvalidContent, permanent: true, "The data does not match its content encoding.", e);
        }

        return buffer.AsMemory(0, length);
    }

    private static FetchException TooLarge(int maxBytes) =>
        new(FailureReason.TooLarge, permanent: true, $"The data has more than {maxBytes} bytes.");
}

/// <summary>A body that has been read, with the headers it came with.</summary>
internal sealed class ReadBody : HttpContent
{
    public ReadBody(ReadOnlyMemory<byte> bytes, System.Net.Http.Headers.HttpContentHeaders headers)
    {
        Bytes = bytes;
        foreach (var (name, values) in headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    public ReadOnlyMemory<byte> Bytes { get; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => stream.WriteAsync(Bytes).AsTask();

    protected override bool TryComputeLength(out long length)
    {
        length = Bytes.Length;
        return true;
    }
}
