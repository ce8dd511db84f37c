using System.Buffers;
using System.Text.Json;

namespace EventFunctions.Local.EventGrid;

/// <summary>
/// Publishes an event for every blob that is written, as a storage account does to its system topic:
/// <c>Microsoft.Storage.BlobCreated</c>. A blob that is written and not announced counts as not written, and is written again.
/// </summary>
/// <param name="inner">Writes the blobs.</param>
/// <param name="publish">Publishes one CloudEvent, and completes when it is on disk.</param>
/// <param name="time">The clock.</param>
internal sealed class AnnouncedDeadLetters(IDeadLetterContainer inner, Func<ReadOnlyMemory<byte>, Task> publish, TimeProvider time) : IDeadLetterContainer
{
    private const string Account =
        "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/local/providers/Microsoft.Storage/storageAccounts/local";

    public async Task<Uri> WriteAsync(string container, string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        var url = await inner.WriteAsync(container, name, content, cancellationToken);
        await publish(Describe(container, name, url, content.Length));
        return url;
    }

    private ReadOnlyMemory<byte> Describe(string containerName, string name, Uri url, int length)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("specversion"u8, "1.0"u8);
            writer.WriteString("id"u8, Guid.NewGuid());
            writer.WriteString("source"u8, Account);
            writer.WriteString("type"u8, "Microsoft.Storage.BlobCreated"u8);
            writer.WriteString("subject"u8, $"/blobServices/default/containers/{containerName}/blobs/{name}");
            writer.WriteString("time"u8, EventFormat.Time(time.GetUtcNow()));
            writer.WriteStartObject("data"u8);
            writer.WriteString("api"u8, "PutBlob"u8);
            writer.WriteString("contentType"u8, "application/json"u8);
            writer.WriteNumber("contentLength"u8, length);
            writer.WriteString("blobType"u8, "BlockBlob"u8);
            writer.WriteString("url"u8, url.AbsoluteUri);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }
}
