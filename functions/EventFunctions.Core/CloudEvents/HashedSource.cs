using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace EventFunctions.CloudEvents;

/// <summary>A source with its hash. Few sources have most events, so the hashes of some are kept.</summary>
/// <param name="Source">The source.</param>
/// <param name="Digest">SHA-256 over its UTF-8.</param>
/// <param name="Text">The first 16 bytes of that, in base64url.</param>
internal sealed record HashedSource(string Source, byte[] Digest, string Text)
{
    private const int TextBytes = 16;

    private static readonly HashedSource?[] Kept = new HashedSource?[256];

    public static HashedSource Of(string source)
    {
        ref var place = ref Kept[(uint)source.GetHashCode(StringComparison.Ordinal) % Kept.Length];
        if (place is not { } kept || kept.Source != source)
        {
            var digest = SHA256.HashData(Encoding.UTF8.GetBytes(source));
            place = kept = new HashedSource(source, digest, Base64Url.EncodeToString(digest.AsSpan(0, TextBytes)));
        }

        return kept;
    }
}
