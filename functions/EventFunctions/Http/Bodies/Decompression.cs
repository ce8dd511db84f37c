using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;
using System.IO.Pipelines;

namespace EventFunctions.Http;

/// <summary>
/// Decompresses whole streams into a buffer of limited size. The framework's streams end quietly where a stream was cut
/// off; half an event must not pass for one, so the end is checked here.
/// </summary>
internal static class Decompression
{
    private const int GZipTrailerBytes = 8;

    /// <summary>Decompresses one Brotli stream (RFC 7932).</summary>
    /// <returns>Done, DestinationTooSmall or InvalidData, and how much was written.</returns>
    public static (OperationStatus Outcome, int Length) Brotli(ReadOnlySpan<byte> compressed, Span<byte> output)
    {
        using var decoder = new BrotliDecoder();
        var outcome = decoder.Decompress(compressed, output, out var consumed, out var written);
        return outcome switch
        {
            OperationStatus.DestinationTooSmall => (outcome, written),
            OperationStatus.Done when consumed == compressed.Length => (outcome, written),
            _ => (OperationStatus.InvalidData, written),
        };
    }

    /// <summary>Decompresses one GZIP member (RFC 1952), whose last four bytes contain the length of the output.</summary>
    /// <returns>Done, DestinationTooSmall or InvalidData, and how much was written.</returns>
    public static (OperationStatus Outcome, int Length) GZip(ReadOnlyMemory<byte> compressed, Span<byte> output)
    {
        if (compressed.Length < GZipTrailerBytes)
        {
            return (OperationStatus.InvalidData, 0);
        }

        try
        {
            using var stream = new GZipStream(PipeReader.Create(new ReadOnlySequence<byte>(compressed)).AsStream(), CompressionMode.Decompress);
            var length = stream.ReadAtLeast(output, output.Length, throwOnEndOfStream: false);
            if (length == output.Length && stream.ReadByte() >= 0)
            {
                return (OperationStatus.DestinationTooSmall, length);
            }

            var declared = BinaryPrimitives.ReadUInt32LittleEndian(compressed.Span[^4..]);
            return (declared == length ? OperationStatus.Done : OperationStatus.InvalidData, length);
        }
        catch (InvalidDataException)
        {
            return (OperationStatus.InvalidData, 0);
        }
    }
}
