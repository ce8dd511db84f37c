using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EventFunctions.Records;

/// <summary>What an event is about: the CloudEvents <c>source</c>, and a subject within it.</summary>
/// <param name="Source">The source.</param>
/// <param name="Subject">The event's <c>subject</c>, or what its producer's rules make of its <c>data</c>.</param>
public readonly record struct EntityKey(string Source, string Subject)
{
    private const int HashBytes = 16;

    /// <summary>The entity's ID: the first 16 bytes of SHA-256 over source, a zero byte, and subject (UTF-8), in base64url.</summary>
    public string Id
    {
        get
        {
            Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
            SHA256.HashData(Encoding.UTF8.GetBytes(Source + '\0' + Subject), hash);
            return Base64Url.EncodeToString(hash[..HashBytes]);
        }
    }
}
