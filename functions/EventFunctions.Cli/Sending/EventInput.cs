using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using System.Text.Json;
using EventFunctions.Filters;

namespace EventFunctions.Cli.Sending;

/// <summary>
/// Reads events from a stream as they come: one JSON object, an array of them, or any number behind each other, one a line
/// (NDJSON) or not. However many there are, only a few are in memory.
/// </summary>
internal static class EventInput
{
    private static readonly JsonSerializerOptions Options = new() { MaxDepth = 1_000 };

    /// <summary>Reads the events.</summary>
    /// <param name="input">UTF-8.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolException">Something is not JSON, or no object.</exception>
    public static async IAsyncEnumerable<OutgoingEvent> ReadAsync(Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = PipeReader.Create(input);
        var isArray = await BeginsWithArrayAsync(reader, cancellationToken);
        var values = JsonSerializer.DeserializeAsyncEnumerable<JsonElement>(reader, topLevelValues: !isArray, Options, cancellationToken).GetAsyncEnumerator(cancellationToken);
        await using (values)
        {
            for (var number = 1L; await NextAsync(values, number); number++)
            {
                yield return OutgoingEvent.From(number, values.Current);
            }
        }
    }

    private static async Task<bool> NextAsync(IAsyncEnumerator<JsonElement> values, long number)
    {
        try
        {
            return await values.MoveNextAsync();
        }
        catch (JsonException e)
        {
            throw new ToolException(ExitCode.Failed, $"The input is not JSON at event {number} or behind it. {JsonFault.Explain(e)}");
        }
    }

    // Leaves the reader at the first character that means something.
    private static async Task<bool> BeginsWithArrayAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var (start, first) = FirstMeaning(read.Buffer);
            if (first is not null || read.IsCompleted)
            {
                reader.AdvanceTo(start);
                return first == (byte)'[';
            }

            reader.AdvanceTo(start, read.Buffer.End);
        }
    }

    private static (SequencePosition Start, byte? First) FirstMeaning(ReadOnlySequence<byte> buffer)
    {
        var reader = new SequenceReader<byte>(buffer);
        reader.IsNext([0xEF, 0xBB, 0xBF], advancePast: true);
        reader.AdvancePastAny(" \t\r\n"u8);
        return (reader.Position, reader.TryPeek(out var first) ? first : null);
    }
}
