using System.Buffers;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>
/// The whole body of a request in one piece, of at most 1 MB after decompression. It is read where the server has it, and
/// copied only where it lies there in several pieces or compressed; so it is gone when this is disposed of.
/// </summary>
internal sealed class RequestBody : IDisposable
{
    /// <summary>The most bytes a body may have after decompression.</summary>
    public const int MaxBytes = 1_048_576;

    private readonly PipeReader? _reader;
    private readonly SequencePosition _end;
    private readonly byte[]? _rented;

    private RequestBody(PipeReader reader, ReadOnlySequence<byte> body)
    {
        (_reader, _end) = (reader, body.End);
        Bytes = body.First;
        if (!body.IsSingleSegment)
        {
            _rented = ArrayPool<byte>.Shared.Rent((int)body.Length);
            body.CopyTo(_rented);
            Bytes = _rented.AsMemory(0, (int)body.Length);
        }
    }

    private RequestBody(byte[] rented, int length) => (_rented, Bytes) = (rented, rented.AsMemory(0, length));

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Reads and decompresses a body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>Either the body or what to answer instead.</returns>
    public static async ValueTask<(RequestBody? Body, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.ContentLength > MaxBytes)
        {
            return (null, TooLarge());
        }

        var encoding = request.Headers.ContentEncoding.Count == 0 ? "" : request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        if (encoding is not ("" or "identity" or "gzip" or "x-gzip" or "br"))
        {
            return (null, new Problem(StatusCodes.Status415UnsupportedMediaType, "The body may be compressed with gzip or br, once.")
            {
                Headers = [new("Accept-Encoding", "gzip, br")],
            });
        }

        try
        {
            var body = await ReadRawAsync(request, cancellationToken);
            if (body is null)
            {
                return (null, TooLarge());
            }

            return encoding is "" or "identity" ? (body, null) : Decompress(body, encoding);
        }
        catch (BadHttpRequestException e)
        {
            return (null, new Problem(e.StatusCode, "The body could not be read."));
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _reader?.AdvanceTo(_end);
        if (_rented is not null)
        {
            ArrayPool<byte>.Shared.Return(_rented);
        }
    }

    private static async ValueTask<RequestBody?> ReadRawAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            var body = result.Buffer;
            if (body.Length > MaxBytes)
            {
                reader.AdvanceTo(body.End);
                return null;
            }

            // A declared length spares the read that would only say that nothing follows.
            if (result.IsCompleted || body.Length == request.ContentLength)
            {
                return new RequestBody(reader, body);
            }

            reader.AdvanceTo(body.Start, body.End);
        }
    }

    private static (RequestBody?, Problem?) Decompress(RequestBody compressed, string encoding)
    {
        using (compressed)
        {
            var bytes = ArrayPool<byte>.Shared.Rent(MaxBytes);
            var (outcome, length) = encoding == "br"
                ? Decompression.Brotli(compressed.Bytes.Span, bytes.AsSpan(0, MaxBytes))
                : Decompression.GZip(compressed.Bytes, bytes.AsSpan(0, MaxBytes));
            if (outcome == OperationStatus.Done)
            {
                return (new RequestBody(bytes, length), null);
            }

            ArrayPool<byte>.Shared.Return(bytes);
            return (null, outcome == OperationStatus.DestinationTooSmall
                ? TooLarge()
                : new Problem(StatusCodes.Status400BadRequest, $"The body is not one whole {encoding} stream."));
        }
    }

    private static Problem TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, $"A request has at most {MaxBytes} bytes, after decompression.");
}
