using System.Buffers.Text;
using System.IO.Compression;
using System.Text;
using EventFunctions.Queries;

namespace EventFunctions.Streams;

/// <summary>
/// Signs the store's change cursor for readers of streams and feeds, so that they can keep but not forge it. It does not contain filters: a
/// reader may continue with others.
/// </summary>
public sealed class ChangeCursor(ContinuationToken tokens)
{
    private static readonly string[] Purpose = ["changes"];

    // In Cosmos DB a cursor says where each of many ranges stands, nearly the same for all: too long for a URL as it is.
    private const int MaxPlainLength = 256;

    /// <summary>The cursor for readers: base64url, at most <see cref="ContinuationToken.MaxLength"/> characters.</summary>
    /// <param name="cursor">The store's cursor.</param>
    public string Protect(string cursor)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        return tokens.Protect(Purpose, cursor.Length <= MaxPlainLength ? "0" + cursor : "1" + Compress(cursor));
    }

    /// <summary>The store's cursor; null where this service did not give it.</summary>
    /// <param name="token">Anything.</param>
    public string? Unprotect(string token) =>
        tokens.Unprotect(Purpose, token) is not { } cursor ? null : cursor[0] == '0' ? cursor[1..] : Decompress(cursor[1..]);

    private static string Compress(string cursor)
    {
        var buffer = new MemoryStream();
        using (var brotli = new BrotliStream(buffer, CompressionLevel.Optimal, leaveOpen: true))
        {
            brotli.Write(Encoding.UTF8.GetBytes(cursor));
        }

        return Base64Url.EncodeToString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length));
    }

    // Signed, so it is what was compressed here, and no bomb.
    private static string Decompress(string compressed)
    {
        using var reader = new StreamReader(
            new BrotliStream(new MemoryStream(Base64Url.DecodeFromChars(compressed)), CompressionMode.Decompress), Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
