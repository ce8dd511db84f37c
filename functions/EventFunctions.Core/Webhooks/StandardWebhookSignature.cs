using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace EventFunctions.Webhooks;

/// <summary>
/// Signatures by the Standard Webhooks specification (standardwebhooks.com): HMAC-SHA-256 over <c>id.timestamp.body</c>,
/// written <c>v1,base64</c>; the timestamp is in Unix seconds.
/// </summary>
public static class StandardWebhookSignature
{
    /// <summary>The header with the message's ID, which is the same for every attempt to deliver it.</summary>
    public const string IdHeader = "webhook-id";

    /// <summary>The header with the time of the attempt.</summary>
    public const string TimestampHeader = "webhook-timestamp";

    /// <summary>The header with the signatures, with spaces between.</summary>
    public const string SignatureHeader = "webhook-signature";

    /// <summary>How far the time of an attempt may lie from now, before or after.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    private const string Version = "v1,";

    // Whoever sends more is not rotating secrets.
    private const int MaxSignatures = 20;

    /// <summary>Signs a message.</summary>
    /// <param name="secret">The secret's bytes.</param>
    /// <param name="id">The message's ID.</param>
    /// <param name="timestamp">The time of the attempt, of which whole seconds count.</param>
    /// <param name="body">The body, byte for byte.</param>
    /// <returns>One signature: <c>v1,</c> and base64.</returns>
    public static string Sign(ReadOnlySpan<byte> secret, string id, DateTimeOffset timestamp, ReadOnlySpan<byte> body) =>
        Version + Convert.ToBase64String(Compute(secret, id, TextOf(timestamp), body));

    /// <summary>A time as the header has it.</summary>
    /// <param name="timestamp">The time of the attempt.</param>
    public static string TextOf(DateTimeOffset timestamp) => timestamp.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);

    /// <summary>Checks a message as its receiver does. How long it takes tells nothing of the secrets.</summary>
    /// <param name="secrets">The secrets, of which one has to match.</param>
    /// <param name="id">The header <see cref="IdHeader"/>.</param>
    /// <param name="timestamp">The header <see cref="TimestampHeader"/>.</param>
    /// <param name="signatures">The header <see cref="SignatureHeader"/>; signatures of other versions are left out of account.</param>
    /// <param name="body">The body, byte for byte as it came.</param>
    /// <param name="now">The receiver's time.</param>
    public static SignatureVerdict Verify(
        IReadOnlyList<WebhookSecret> secrets, string? id, string? timestamp, string? signatures, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(secrets);
        if (id is not { Length: > 0 } || timestamp is null || signatures is not { Length: > 0 }
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds))
        {
            return SignatureVerdict.Malformed;
        }

        if (seconds > (now + Tolerance).ToUnixTimeSeconds() || seconds < (now - Tolerance).ToUnixTimeSeconds())
        {
            return SignatureVerdict.OutOfTime;
        }

        var given = signatures.Split(' ', MaxSignatures + 1, StringSplitOptions.RemoveEmptyEntries)
            .Take(MaxSignatures)
            .Where(signature => signature.StartsWith(Version, StringComparison.Ordinal))
            .Select(Encoding.UTF8.GetBytes)
            .ToList();
        var matches = false;
        foreach (var secret in secrets)
        {
            var expected = Encoding.ASCII.GetBytes(Version + Convert.ToBase64String(Compute(secret.Bytes, id, timestamp, body)));
            foreach (var signature in given)
            {
                matches |= CryptographicOperations.FixedTimeEquals(signature, expected);
            }
        }

        return matches ? SignatureVerdict.Valid : SignatureVerdict.Wrong;
    }

    private static byte[] Compute(ReadOnlySpan<byte> secret, string id, string timestamp, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        hash.AppendData(Encoding.UTF8.GetBytes($"{id}.{timestamp}."));
        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}

/// <summary>The outcome of the check of a signed message.</summary>
public enum SignatureVerdict
{
    /// <summary>It is from whom it says, and as it was sent.</summary>
    Valid,

    /// <summary>A header is missing, or the timestamp no number.</summary>
    Malformed,

    /// <summary>It was sent too long ago, or is yet to be sent.</summary>
    OutOfTime,

    /// <summary>No signature is that of the message.</summary>
    Wrong,
}
