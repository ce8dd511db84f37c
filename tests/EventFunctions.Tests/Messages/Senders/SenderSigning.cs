using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EventFunctions.Tests.Messages.Senders;

/// <summary>Signs as senders do.</summary>
internal static class SenderSigning
{
    public static byte[] Sha256(string key, string text) => Sha256(Bytes(key), text);

    public static byte[] Sha256(byte[] key, string text) => HMACSHA256.HashData(key, Bytes(text));

    public static byte[] Sha512(string key, string text) => HMACSHA512.HashData(Bytes(key), Bytes(text));

#pragma warning disable CA5350 // Twilio, Vercel and Intercom sign with SHA-1.
    public static byte[] Sha1(string key, string text) => HMACSHA1.HashData(Bytes(key), Bytes(text));
#pragma warning restore CA5350

    public static string Hex(byte[] bytes) => Convert.ToHexStringLower(bytes);

    public static string Base64(byte[] bytes) => Convert.ToBase64String(bytes);

    public static string Seconds(DateTimeOffset time) => time.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    public static string Milliseconds(DateTimeOffset time) => time.ToUnixTimeMilliseconds().ToString(CultureInfo.InvariantCulture);

    public static string Rfc3339(DateTimeOffset time) => time.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
