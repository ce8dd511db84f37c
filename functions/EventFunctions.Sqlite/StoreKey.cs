using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.CloudEvents;

namespace EventFunctions.Sqlite;

/// <summary>
/// The unique keys of rows: the first 16 bytes of SHA-256 over source and ID, and run for full data. Keys of one length keep the only index
/// without locality small for all IDs.
/// </summary>
internal static class StoreKey
{
    private const int Length = 16;

    public static byte[] OfRecord(EventKey key) => Hash(key, run: null);

    public static byte[] OfData(EventKey key, int run) => Hash(key, run);

    private static byte[] Hash(EventKey key, int? run)
    {
        // The lengths keep ("a", "bc") apart from ("ab", "c").
        var sourceBytes = Encoding.UTF8.GetByteCount(key.Source);
        var length = 8 + sourceBytes + Encoding.UTF8.GetByteCount(key.Id);
        var input = length <= 512 ? stackalloc byte[length] : new byte[length];
        BinaryPrimitives.WriteInt32LittleEndian(input, sourceBytes);
        BinaryPrimitives.WriteInt32LittleEndian(input[4..], run ?? -1);
        Encoding.UTF8.GetBytes(key.Source, input[8..]);
        Encoding.UTF8.GetBytes(key.Id, input[(8 + sourceBytes)..]);
        return SHA256.HashData(input)[..Length];
    }
}
