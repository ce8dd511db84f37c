using System.Buffers;

namespace EventFunctions.Http;

/// <summary>A connection whose responses are checked by <see cref="ResponseFraming"/>, below <see cref="HttpClient"/> and after TLS.</summary>
internal sealed class FramedStream(Stream inner) : Stream
{
    private volatile ResponseFraming _response = new();
    private volatile bool _hasRead;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Wraps a connection of <see cref="SocketsHttpHandler"/>.</summary>
    public static ValueTask<Stream> FilterAsync(SocketsHttpPlaintextStreamFilterContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult<Stream>(new FramedStream(context.PlaintextStream));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        // The client never asks for more than the body's rest. One byte more shows whether something follows it.
        if (_response.Remaining is not ({ } remaining and > 0) || buffer.Length < remaining)
        {
            var read = await inner.ReadAsync(buffer, cancellationToken);
            return Taken(buffer.Span, read);
        }

        var rest = ArrayPool<byte>.Shared.Rent((int)remaining + 1);
        try
        {
            var count = await inner.ReadAsync(rest.AsMemory(0, (int)remaining + 1), cancellationToken);
            _ = Taken(rest, count);
            rest.AsSpan(0, count).CopyTo(buffer.Span);
            return count;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rest);
        }
    }

    public override int Read(Span<byte> buffer) => Taken(buffer, inner.Read(buffer));

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        BeginRequest();
        return inner.WriteAsync(buffer, cancellationToken);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        BeginRequest();
        inner.Write(buffer);
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush() => inner.Flush();

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override async ValueTask DisposeAsync()
    {
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }

    private void BeginRequest()
    {
        if (_hasRead)
        {
            (_response, _hasRead) = (new ResponseFraming(), false);
        }
    }

    private int Taken(ReadOnlySpan<byte> buffer, int count)
    {
        if (count > 0)
        {
            _hasRead = true;
            _response.Take(buffer[..count]);
        }

        return count;
    }
}
