using System.Net;

namespace EventFunctions.Tests.Contract;

/// <summary>The body of an answer that is a stream of events: whoever reads it reads on, or fails with what is wrong.</summary>
internal sealed class CheckedEvents : HttpContent
{
    private readonly HttpContent _body;
    private readonly EventDataCheck _check;
    private readonly string _call;

    /// <summary>Takes over a body.</summary>
    /// <param name="body">The body as it came.</param>
    /// <param name="check">What checks it.</param>
    /// <param name="call">The call, for the message.</param>
    public CheckedEvents(HttpContent body, EventDataCheck check, string call)
    {
        (_body, _check, _call) = (body, check, call);
        foreach (var (name, values) in body.Headers.NonValidated)
        {
            Headers.TryAddWithoutValidation(name, values);
        }
    }

    protected override Task<Stream> CreateContentReadStreamAsync() => CreateContentReadStreamAsync(CancellationToken.None);

    protected override async Task<Stream> CreateContentReadStreamAsync(CancellationToken cancellationToken) =>
        new Passing(await _body.ReadAsStreamAsync(cancellationToken), Pass);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        await using var body = await CreateContentReadStreamAsync(cancellationToken);
        await body.CopyToAsync(stream, cancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _body.Dispose();
        }

        base.Dispose(disposing);
    }

    private void Pass(ReadOnlyMemory<byte> bytes)
    {
        var faults = _check.Faults(bytes.Span);
        Assert.True(faults.Count == 0, $"{_call} streams what is not as docs/openapi.yaml says:{Environment.NewLine}{string.Join(Environment.NewLine, faults)}");
    }

    private sealed class Passing(Stream body, Action<ReadOnlyMemory<byte>> pass) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            var count = await body.ReadAsync(buffer, cancellationToken);
            pass(buffer[..count]);
            return count;
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = body.Read(buffer, offset, count);
            pass(buffer.AsMemory(offset, read));
            return read;
        }

        public override void Flush() => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                body.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
