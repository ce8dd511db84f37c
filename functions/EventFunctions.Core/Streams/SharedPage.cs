using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using EventFunctions.Queries;
using EventFunctions.Records;
using EventFunctions.Storage;

namespace EventFunctions.Streams;

/// <summary>A page of changes that many streams show.</summary>
/// <param name="From">The cursor that it was read from.</param>
/// <param name="Items">The changes, oldest first.</param>
/// <param name="Cursor">The cursor that leads on.</param>
public sealed record SharedPage(string From, IReadOnlyList<SharedChange> Items, string Cursor)
{
    /// <summary>The page as the store gave it.</summary>
    /// <param name="from">The cursor that it was read from.</param>
    /// <param name="page">The page.</param>
    public static SharedPage Of(string from, ChangePage page) => new(from, [.. page.Items.Select(record => new SharedChange(record))], page.Cursor);

    /// <summary>About how many bytes it holds.</summary>
    public long Bytes { get; } = Items.Sum(item => item.Bytes);
}

/// <summary>A record that changed, and what streams show of it, which is written once for all of them.</summary>
/// <param name="record">The record.</param>
public sealed class SharedChange(EventRecord record)
{
    private const int AttributeBytes = 2_000;
    private const int EntryBytes = 300;

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    private byte[]? _json;
    private byte[]? _jsonWithoutData;

    /// <summary>The record.</summary>
    public EventRecord Record => record;

    /// <summary>About how many bytes it holds: its data as it came and as JSON, and the rest at a guess.</summary>
    public long Bytes => (2L * (record.Event.Data?.Bytes.Length ?? 0)) + AttributeBytes + (EntryBytes * record.Timeline.Length);

    /// <summary>The record as lists show it, in one line. Two streams at once may both write it, and write the same.</summary>
    public ReadOnlyMemory<byte> Json => _json ??= Write(withData: true);

    /// <summary>The same without the event's data.</summary>
    public ReadOnlyMemory<byte> JsonWithoutData => _jsonWithoutData ??= Write(withData: false);

    private byte[] Write(bool withData)
    {
        var buffer = new ArrayBufferWriter<byte>(1_024);
        using (var writer = new Utf8JsonWriter(buffer, Options))
        {
            EventRecordJson.Write(writer, record, withData);
        }

        // Line ends stand only between the values of a producer's JSON, where a space is as good.
        var json = buffer.WrittenSpan.ToArray();
        json.AsSpan().Replace((byte)'\n', (byte)' ');
        json.AsSpan().Replace((byte)'\r', (byte)' ');
        return json;
    }
}
