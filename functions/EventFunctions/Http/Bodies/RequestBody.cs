using System.Buffers;
using System.Globalization;
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

    // A skipped body has no bytes.
    private RequestBody()
    {
    }

    private RequestBody(byte[] rented, int length) => (_rented, Bytes) = (rented, rented.AsMemory(0, length));

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Reads and decompresses the body of an administrator's call.</summary>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>Either the body or what to answer instead.</returns>
    public static async ValueTask<(RequestBody? Body, Problem? Problem)> ReadAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        using var hold = BodyBudget.Unbounded.Hold();
        return await ReadAsync(request, hold, cancellationToken);
    }

    /// <summary>Reads and decompresses a body.</summary>
    /// <param name="request">The request.</param>
    /// <param name="hold">Grows with the body.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>Either the body or what to answer instead.</returns>
    public static ValueTask<(RequestBody? Body, Problem? Problem)> ReadAsync(HttpRequest request, BodyHold hold, CancellationToken cancellationToken) =>
        ReadAsync(request, hold, isKept: true, cancellationToken);

    /// <summary>
    /// Skips the body of a request that is refused in any case. Takes as long and fails for the same reasons as reading it, but does
    /// not keep it in memory.
    /// </summary>
    /// <param name="request">The request.</param>
    /// <param name="hold">Grows as if the body were kept.</param>
    /// <param name="cancellationToken">Ends the wait for the client.</param>
    /// <returns>The response if the body itself is invalid; null if it is not.</returns>
    public static async ValueTask<Problem?> SkipAsync(HttpRequest request, BodyHold hold, CancellationToken cancellationToken)
    {
        var (body, problem) = await ReadAsync(request, hold, isKept: false, cancellationToken);
        body?.Dispose();
        return problem;
    }

    private static async ValueTask<(RequestBody? Body, Problem? Problem)> ReadAsync(
        HttpRequest request, BodyHold hold, bool isKept, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (request.ContentLength > MaxBytes)
        {
            return (null, TooLarge());
        }

        var encoding = request.Headers.ContentEncoding.Count == 0 ? "" : request.Headers.ContentEncoding.ToString().Trim().ToLowerInvariant();
        if (encoding is not ("" or "identity" or "gzip" or "x-gzip" or "br"))
        {
            return (null, new Problem(StatusCodes.Status415UnsupportedMediaType, "Send the body uncompressed, or compressed once with gzip or br.")
            {
                Headers = [new("Accept-Encoding", "gzip, br")],
            });
        }

        try
        {
            var (body, problem) = await ReadRawAsync(request, hold, isKept, cancellationToken);
            return body is null || !isKept || encoding is "" or "identity" ? (body, problem) : Decompress(body, encoding, hold);
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

    private static async ValueTask<(RequestBody?, Problem?)> ReadRawAsync(
        HttpRequest request, BodyHold hold, bool isKept, CancellationToken cancellationToken)
    {
        var reader = request.BodyReader;
        ITimer? deadline = null;
        var length = 0L;
        try
        {
            while (true)
            {
                // Most bodies arrive with their headers and need no timer.
                var reading = reader.ReadAsync(cancellationToken);
                deadline ??= reading.IsCompleted ? null : hold.Budget.CallBackWhenOver(reader.CancelPendingRead);
                var result = await reading;
                var body = result.Buffer;
                length = isKept ? body.Length : length + body.Length;
                var problem = result.IsCanceled ? TooSlow(hold.Budget.Timeout)
                    : length > MaxBytes ? TooLarge()
                    : hold.TryGrow(length) ? null
                    : TooMany();
                if (problem is not null)
                {
                    reader.AdvanceTo(body.End);
                    return (null, problem);
                }

                // A declared length spares the read that would only say that nothing follows.
                var isWhole = result.IsCompleted || length == request.ContentLength;
                if (isWhole && isKept)
                {
                    return (new RequestBody(reader, body), null);
                }

                reader.AdvanceTo(isKept ? body.Start : body.End, body.End);
                if (isWhole)
                {
                    return (new RequestBody(), null);
                }
            }
        }
        finally
        {
            if (deadline is not null)
            {
                await deadline.DisposeAsync();
            }
        }
    }

    private static (RequestBody?, Problem?) Decompress(RequestBody compressed, string encoding, BodyHold hold)
    {
        using (compressed)
        {
            var bytes = ArrayPool<byte>.Shared.Rent(MaxBytes);
            var (outcome, length) = encoding == "br"
                ? Decompression.Brotli(compressed.Bytes.Span, bytes.AsSpan(0, MaxBytes))
                : Decompression.GZip(compressed.Bytes, bytes.AsSpan(0, MaxBytes));
            if (outcome == OperationStatus.Done && hold.TryGrow(length))
            {
                return (new RequestBody(bytes, length), null);
            }

            ArrayPool<byte>.Shared.Return(bytes);
            return (null, outcome == OperationStatus.Done ? TooMany()
                : outcome == OperationStatus.DestinationTooSmall ? TooLarge()
                : new Problem(StatusCodes.Status400BadRequest, $"The body is not one complete {encoding} stream."));
        }
    }

    // Closes the connection so that the rest of the body is not waited for.
    private static Problem TooSlow(TimeSpan timeout) =>
        new(StatusCodes.Status408RequestTimeout, string.Create(
            CultureInfo.InvariantCulture, $"The body did not arrive within {timeout.TotalSeconds:0.#} s. Send it faster, or in smaller requests."))
        {
            Headers = [new("Connection", "close")],
        };

    private static Problem TooMany() =>
        new(StatusCodes.Status503ServiceUnavailable, "The service holds too many bytes of requests. Send the request again later. Nothing was recorded.")
        {
            Headers = [new("Retry-After", "1")],
        };

    private static Problem TooLarge() =>
        new(StatusCodes.Status413PayloadTooLarge, $"A request may have at most {MaxBytes} bytes after decompression.");
}
