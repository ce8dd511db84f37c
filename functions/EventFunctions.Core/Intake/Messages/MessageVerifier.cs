using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>Verifies that a message was sent by its producer.</summary>
public sealed class MessageVerifier(IProducerSecrets secrets, TimeProvider time)
{
    // Whoever sends more is not rotating secrets.
    private const int MaxSignatures = 20;
    private const int MaxTimestampDigits = 12;
    private const string TimestampPart = "t=";
    private const string SecretPrefix = "whsec_";

    /// <summary>Checks a message.</summary>
    /// <param name="producer">Who it is said to come from.</param>
    /// <param name="headers">The message's headers.</param>
    /// <param name="body">The message's body, byte for byte as it came.</param>
    /// <param name="caller">The Entra ID object that the platform says calls; null where it says nothing.</param>
    /// <returns>Null for a message that is the producer's own, else why it is refused: for the log, not for the caller.</returns>
    public string? Refusal(Producer producer, MessageHeaders headers, ReadOnlySpan<byte> body, string? caller)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(headers);
        return producer switch
        {
            { Verification: null or { Kind: VerificationKind.Hmac, Hmac: null } } => "The producer has no verification.",

            // Whom a producer names may post alone, and a signature shows of nobody that it is one of them.
            { Verification.Kind: VerificationKind.Entra } or { Callers.Count: > 0 } when caller is null => "The request has no Entra ID identity.",
            { Verification.Kind: VerificationKind.Entra } or { Callers.Count: > 0 } when !producer.Callers.Contains(caller) =>
                "The caller is not on the producer's list of callers.",
            { Verification.Hmac: { } scheme } => RefusalByHmac(scheme, headers, body),
            _ => null,
        };
    }

    private string? RefusalByHmac(HmacScheme scheme, MessageHeaders headers, ReadOnlySpan<byte> body)
    {
        if (headers(scheme.Header) is not [{ Length: > 0 } header])
        {
            return $"The header {scheme.Header} is missing or given more than once.";
        }

        string[] parts = scheme.Separator is { Length: > 0 } separator ? header.Split(separator, MaxSignatures + 1, StringSplitOptions.TrimEntries) : [header.Trim()];
        if (parts.Length > MaxSignatures)
        {
            return $"The header {scheme.Header} has more than {MaxSignatures} signatures.";
        }

        var timestamp = TimestampOf(scheme, headers, parts);
        if (scheme.TimestampHeader is not null && RefusalByTime(scheme, timestamp) is { } refusal)
        {
            return refusal;
        }

        var id = scheme.IdHeader is null ? null : headers(scheme.IdHeader) is [{ Length: > 0 } only] ? only : null;
        if (scheme.IdHeader is not null && id is null)
        {
            return $"The header {scheme.IdHeader} is missing or given more than once.";
        }

        var signatures = Signatures(scheme, parts);
        if (signatures.Count == 0)
        {
            return $"The header {scheme.Header} has no signature in the form that the producer's definition requires.";
        }

        var keys = scheme.Secrets.Select(name => KeyOf(scheme, name)).OfType<byte[]>().ToList();
        if (keys.Count == 0)
        {
            return $"No secret is usable: {string.Join(", ", scheme.Secrets.Select(name => "ProducerSecrets:" + name))}.";
        }

        // To the end, whatever matches: how long it takes tells nothing of what did.
        var matches = false;
        foreach (var key in keys)
        {
            var expected = Sign(scheme, key, timestamp, id, body);
            foreach (var signature in signatures)
            {
                matches |= CryptographicOperations.FixedTimeEquals(signature, expected);
            }
        }

        return matches ? null : "The signature does not match the message.";
    }

    // Where the signature's own header holds the time as well, it is the part that begins with "t=".
    private static string? TimestampOf(HmacScheme scheme, MessageHeaders headers, string[] parts)
    {
        if (!string.Equals(scheme.TimestampHeader, scheme.Header, StringComparison.OrdinalIgnoreCase))
        {
            return scheme.TimestampHeader is { } header && headers(header) is [{ } only] ? only : null;
        }

        var times = parts.Where(part => part.StartsWith(TimestampPart, StringComparison.Ordinal)).ToList();
        return times.Count == 1 ? times[0][TimestampPart.Length..] : null;
    }

    private string? RefusalByTime(HmacScheme scheme, string? timestamp)
    {
        if (timestamp is null or { Length: > MaxTimestampDigits }
            || !long.TryParse(timestamp, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) || seconds > DateTimeOffset.MaxValue.ToUnixTimeSeconds())
        {
            return $"The header {scheme.TimestampHeader} is not one time in Unix seconds.";
        }

        return (time.GetUtcNow() - DateTimeOffset.FromUnixTimeSeconds(seconds)).Duration() <= scheme.Tolerance
            ? null
            : $"The timestamp differs from the current time by more than {scheme.Tolerance}.";
    }

    private static List<byte[]> Signatures(HmacScheme scheme, string[] parts)
    {
        var signatures = new List<byte[]>();
        foreach (var part in parts)
        {
            if (part.StartsWith(scheme.Prefix ?? "", StringComparison.Ordinal) && Decode(scheme.Encoding, part.AsSpan((scheme.Prefix ?? "").Length)) is { } signature)
            {
                signatures.Add(signature);
            }
        }

        return signatures;
    }

    private static byte[]? Decode(SignatureEncoding encoding, ReadOnlySpan<char> text)
    {
        var bytes = new byte[HMACSHA256.HashSizeInBytes];
        var isWhole = encoding == SignatureEncoding.Hex
            ? text.Length == 2 * bytes.Length && Convert.FromHexString(text, bytes, out _, out _) == OperationStatus.Done
            : StrictBase64.TryDecode(Encoding.UTF8.GetBytes(text.ToArray())) is { } decoded && decoded.Length == bytes.Length && decoded.AsSpan().TryCopyTo(bytes);
        return isWhole ? bytes : null;
    }

    // An empty key would let everybody sign.
    private byte[]? KeyOf(HmacScheme scheme, string name)
    {
        if (secrets.Find(name) is not { Length: > 0 } secret)
        {
            return null;
        }

        if (scheme.SecretEncoding == SecretEncoding.Text)
        {
            return Encoding.UTF8.GetBytes(secret);
        }

        var base64 = secret.StartsWith(SecretPrefix, StringComparison.Ordinal) ? secret[SecretPrefix.Length..] : secret;
        return StrictBase64.TryDecode(Encoding.UTF8.GetBytes(base64)) is { Length: > 0 } key ? key : null;
    }

    private static byte[] Sign(HmacScheme scheme, byte[] key, string? timestamp, string? id, ReadOnlySpan<byte> body)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        var rest = scheme.SignedContent.AsSpan();
        while (!rest.IsEmpty)
        {
            if (Take(ref rest, "{body}"))
            {
                hmac.AppendData(body);
            }
            else if (Take(ref rest, "{timestamp}"))
            {
                Append(hmac, timestamp);
            }
            else if (Take(ref rest, "{id}"))
            {
                Append(hmac, id);
            }
            else
            {
                var next = rest[1..].IndexOf('{');
                var text = next < 0 ? rest : rest[..(next + 1)];
                Append(hmac, text);
                rest = rest[text.Length..];
            }
        }

        return hmac.GetHashAndReset();
    }

    private static bool Take(ref ReadOnlySpan<char> rest, string placeholder)
    {
        if (!rest.StartsWith(placeholder, StringComparison.Ordinal))
        {
            return false;
        }

        rest = rest[placeholder.Length..];
        return true;
    }

    private static void Append(IncrementalHash hmac, ReadOnlySpan<char> text)
    {
        var bytes = new byte[Encoding.UTF8.GetByteCount(text)];
        Encoding.UTF8.GetBytes(text, bytes);
        hmac.AppendData(bytes);
    }
}
