using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.CloudEvents;

namespace EventFunctions.Sqlite;

/// <summary>
/// The unique keys of rows: the first bytes of SHA-256 over the source, then the event's ID, then the run for full data. IDs that grow, as those of
/// most producers do, bring keys that lie side by side, so that writes touch few pages.
/// </summary>
internal static class StoreKey
{
    private const int SourceBytes = 12;
    private const int RunBytes = sizeof(int);
    private const int MaxIdBytes = 64;
    private const int LongIdHashBytes = 16;

    // No UTF-8 has this byte.
    private const byte LongId = 0xFF;

    public static byte[] OfRecord(EventKey key) => Create(key, 0);

    public static byte[] OfData(EventKey key, int run)
    {
        var bytes = Create(key, RunBytes);
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(bytes.Length - RunBytes), run);
        return bytes;
    }

    private static byte[] Create(EventKey key, int room)
    {
        var idBytes = Encoding.UTF8.GetByteCount(key.Id);
        var isLong = idBytes > MaxIdBytes;
        var bytes = new byte[SourceBytes + (isLong ? 1 + LongIdHashBytes : idBytes) + room];
        key.SourceDigest[..SourceBytes].CopyTo(bytes);
        if (isLong)
        {
            bytes[SourceBytes] = LongId;
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(key.Id), hash);
            hash[..LongIdHashBytes].CopyTo(bytes.AsSpan(SourceBytes + 1));
        }
        else
        {
            Encoding.UTF8.GetBytes(key.Id, bytes.AsSpan(SourceBytes));
        }

        return bytes;
    }
}
