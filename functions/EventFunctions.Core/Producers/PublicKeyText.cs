using System.Security.Cryptography;
using System.Text;
using EventFunctions.CloudEvents;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace EventFunctions.Producers;

/// <summary>Reads a sender's public key: PEM, a SubjectPublicKeyInfo in base64, or for Ed25519 the 32 bytes alone in hex or base64.</summary>
internal static class PublicKeyText
{
    private const int MinRsaBits = 2_048;
    private const string Ed25519Prefix = "whpk_";

    // RFC 8410: a SEQUENCE of the algorithm 1.3.101.112 and a BIT STRING of 32 bytes.
    private static ReadOnlySpan<byte> Ed25519Info => [0x30, 0x2A, 0x30, 0x05, 0x06, 0x03, 0x2B, 0x65, 0x70, 0x03, 0x21, 0x00];

    /// <summary>Returns the error in a key; null if it is valid.</summary>
    internal static string? Check(string text, SignatureAlgorithm algorithm)
    {
        try
        {
            switch (algorithm)
            {
                case SignatureAlgorithm.RsaSha256:
                    using (var rsa = ReadRsa(text))
                    {
                        return rsa.KeySize >= MinRsaBits ? null : $"An RSA key must have at least {MinRsaBits} bits.";
                    }

                case SignatureAlgorithm.EcdsaSha256:
                    using (var ecdsa = ReadEcdsa(text))
                    {
                        return ecdsa.KeySize == 256 ? null : "Must be a key of the curve P-256.";
                    }

                default:
                    return ReadEd25519(text) is { } key && Ed25519.ValidatePublicKeyFull(key, 0) ? null : "Must be an Ed25519 public key: PEM, or its 32 bytes in hex or base64.";
            }
        }
        catch (Exception e) when (e is CryptographicException or PlatformNotSupportedException or ArgumentException or FormatException)
        {
            return "Must be a public key of this algorithm, as PEM or as a SubjectPublicKeyInfo in base64.";
        }
    }

    /// <summary>Reads an RSA key.</summary>
    /// <exception cref="CryptographicException">It is none.</exception>
    public static RSA ReadRsa(string text)
    {
        var key = RSA.Create();
        key.ImportSubjectPublicKeyInfo(InfoOf(text), out _);
        return key;
    }

    /// <summary>Reads an ECDSA key.</summary>
    /// <exception cref="CryptographicException">It is none.</exception>
    public static ECDsa ReadEcdsa(string text)
    {
        var key = ECDsa.Create();
        key.ImportSubjectPublicKeyInfo(InfoOf(text), out _);
        return key;
    }

    /// <summary>Reads the 32 bytes of an Ed25519 key; null if the text is something else.</summary>
    public static byte[]? ReadEd25519(string text)
    {
        var bare = text.StartsWith(Ed25519Prefix, StringComparison.Ordinal) ? text[Ed25519Prefix.Length..] : text;
        var bytes = bare.Length == 2 * Ed25519.PublicKeySize && bare.All(char.IsAsciiHexDigit) ? Convert.FromHexString(bare) : InfoOf(bare);
        return bytes.Length == Ed25519.PublicKeySize ? bytes
            : bytes.AsSpan().StartsWith(Ed25519Info) && bytes.Length == Ed25519Info.Length + Ed25519.PublicKeySize ? bytes[Ed25519Info.Length..]
            : null;
    }

    private static byte[] InfoOf(string text)
    {
        if (PemEncoding.TryFind(text, out var fields))
        {
            return Convert.FromBase64String(text[fields.Base64Data]);
        }

        return StrictBase64.TryDecode(Encoding.UTF8.GetBytes(text)) ?? throw new FormatException("Not base64.");
    }
}
