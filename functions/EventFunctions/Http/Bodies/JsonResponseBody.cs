using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>
/// Writes JSON to a response while its reader takes it. A small response is sent in one piece with its length; of a large
/// one no more than a piece, or a single item that is larger, is in memory as JSON.
/// </summary>
/// <param name="context">The request, whose response has its status and headers.</param>
/// <param name="large">The places of large responses.</param>
internal sealed class JsonResponseBody(HttpContext context, LargeResponses large) : IDisposable
{
    // Relaxed, because the response is never part of a page, and text in it is to be read.
    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private readonly ArrayBufferWriter<byte> _buffer = new(256);
    private LargeResponses.Place? _place;
    private Utf8JsonWriter? _writer;

    /// <summary>Writes into the piece that is not sent yet.</summary>
    public Utf8JsonWriter Writer => _writer ??= new Utf8JsonWriter(_buffer, Options);

    /// <summary>Sends the buffer if it has reached the size of a piece.</summary>
    /// <returns>False where the response is over: there is no place for it, or its reader is gone or too slow.</returns>
    public Task<bool> SendFullAsync() =>
        _buffer.WrittenCount + Writer.BytesPending < LargeResponses.PieceBytes ? Task.FromResult(true) : SendAsync();

    /// <summary>Sends the rest.</summary>
    public async Task EndAsync()
    {
        Writer.Flush();
        if (_place is null)
        {
            context.Response.ContentLength = _buffer.WrittenCount;
            if (_buffer.WrittenCount <= LargeResponses.PieceBytes)
            {
                await context.Response.BodyWriter.WriteAsync(_buffer.WrittenMemory, context.RequestAborted);
                return;
            }
        }

        await SendAsync();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _writer?.Dispose();
        _place?.Dispose();
    }

    private async Task<bool> SendAsync()
    {
        Writer.Flush();
        _place ??= large.TryEnter();
        if (_place is null)
        {
            context.Response.Clear();
            await LargeResponses.TooMany().ExecuteAsync(context);
            return false;
        }

        var isTaken = await _place.WriteAsync(context, _buffer.WrittenMemory);
        _buffer.ResetWrittenCount();
        return isTaken;
    }
}
