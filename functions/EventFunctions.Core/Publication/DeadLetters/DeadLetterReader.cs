using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using EventFunctions.Filters;

namespace EventFunctions.Publication.DeadLetters;

/// <summary>Reads the dead letters of a blob one after the other, so that no more of it is in memory than is being worked on.</summary>
/// <param name="blob">The blob's bytes: a JSON array.</param>
/// <param name="maxBytes">The most bytes that are read.</param>
internal sealed class DeadLetterReader(Stream blob, long maxBytes)
{
    /// <summary>Why the rest of the blob could not be read, once all that could be has been; null where it was read to its end.</summary>
    public string? Problem { get; private set; }

    /// <summary>The dead letters; null for each element that is not a dead letter.</summary>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async IAsyncEnumerable<DeadLetter?> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var bounded = new BoundedStream(blob, maxBytes);
        await using var letters = JsonSerializer
            .DeserializeAsyncEnumerable(bounded, DeadLetterContext.Default.JsonElement, cancellationToken)
            .GetAsyncEnumerator(cancellationToken);
        while (await MoveAsync(letters))
        {
            yield return DeadLetter.Read(letters.Current);
        }
    }

    // What is wrong with the blob must not end the work on letters that were read before. (Those that share the buffer with
    // the fault are not read: JSON that is broken, rather than cut off, is not Event Grid's.)
    private async ValueTask<bool> MoveAsync(IAsyncEnumerator<JsonElement> letters)
    {
        try
        {
            return await letters.MoveNextAsync();
        }
        catch (JsonException e)
        {
            Problem = $"It is not a JSON array of events. {JsonFault.Explain(e)}";
            return false;
        }
        catch (BoundExceededException)
        {
            Problem = string.Create(CultureInfo.InvariantCulture, $"It has more than {maxBytes:N0} bytes.");
            return false;
        }
    }

    private sealed class BoundExceededException : Exception;

    private sealed class BoundedStream(Stream inner, long left) : Stream
    {
        private long _left = left;

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
            var read = await inner.ReadAsync(buffer, cancellationToken);
            _left -= read;
            return _left >= 0 ? read : throw new BoundExceededException();
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}

/// <summary>The contract of an element, worked out by the compiler; with room for data as deep as the intake allows.</summary>
[JsonSourceGenerationOptions(MaxDepth = 128)]
[JsonSerializable(typeof(JsonElement))]
internal sealed partial class DeadLetterContext : JsonSerializerContext;
