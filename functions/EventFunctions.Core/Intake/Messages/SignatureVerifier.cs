using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;
using EventFunctions.Producers;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace EventFunctions.Intake.Messages;

/// <summary>Verifies signatures of messages.</summary>
internal sealed class SignatureVerifier(MessageSecrets secrets, TimeProvider time)
{
    // A sender that sends more is not rotating secrets.
    private const int MaxSignatures = 20;
    private const int MaxSignatureLength = 2_048;

    /// <summary>Returns why a message is refused; null if it is signed.</summary>
    /// <param name="scheme">How it must be signed.</param>
    /// <param name="mapping">Which parts of it are events.</param>
    /// <param name="message">The message.</param>
    public string? Refusal(SignatureScheme scheme, MessageMapping? mapping, MessageEnvelope message)
    {
        var (parts, wrong) = scheme.Header is { } header ? PartsOf(scheme, header, message) : ([], null);
        if (wrong is not null)
        {
            return wrong;
        }

        if (!NeedsContent(scheme))
        {
            return Refusal(scheme, message, parts, null);
        }

        if (mapping is null || MessageBody.TryRead(mapping, message) is not { } json)
        {
            return "The message is not JSON.";
        }

        // A signature that the message itself holds is one for each event in it.
        var whole = MessageElements.Parse(json.Bytes);
        if (scheme.Header is not null)
        {
            return Refusal(scheme, message, parts, whole);
        }

        var elements = MessageElements.Of(mapping, whole);
        return elements is not { Count: > 0 } ? "The message has no events at the place in messages.each."

            // A message with more events is read no further than this, and then refused as a whole.
            : elements.Take(MessageElements.Max).Select(element => MessageElements.TextOf(new MessagePointer(scheme.Pointer!).Find(element)) is { Length: > 0 } text
                    ? Refusal(scheme, message, [text], element)
                    : $"An event has no signature at {scheme.Pointer}.")
                .FirstOrDefault(refusal => refusal is not null);
    }

    /// <summary>Computes an HMAC.</summary>
    public static byte[] Hmac(SignatureAlgorithm algorithm, byte[] key, ReadOnlySpan<byte> content) => algorithm switch
    {
        SignatureAlgorithm.Sha512 => HMACSHA512.HashData(key, content),
#pragma warning disable CA5350 // Some senders sign with nothing else, and a definition has to name it.
        SignatureAlgorithm.Sha1 => HMACSHA1.HashData(key, content),
#pragma warning restore CA5350
        _ => HMACSHA256.HashData(key, content),
    };

    private static bool NeedsContent(SignatureScheme scheme) =>
        scheme.Pointer is not null || scheme.Timestamp?.Pointer is not null
        || TextTemplate.Parse(scheme.SignedContent).Placeholders.Any(placeholder => placeholder.StartsWith('/'));

    private static (string[] Parts, string? Wrong) PartsOf(SignatureScheme scheme, string header, MessageEnvelope message)
    {
        if (message.Headers(header) is not [{ Length: > 0 } value])
        {
            return ([], $"The header {header} is missing or given more than once.");
        }

        string[] parts = scheme.Separator is { Length: > 0 } separator ? value.Split(separator, MaxSignatures + 1, StringSplitOptions.TrimEntries) : [value.Trim()];
        return parts.Length <= MaxSignatures ? (parts, null) : ([], $"The header {header} has more than {MaxSignatures} signatures.");
    }

    private string? Refusal(SignatureScheme scheme, MessageEnvelope message, string[] parts, JsonElement? element)
    {
        string? timestamp = null;
        if (scheme.Timestamp is { } signed)
        {
            timestamp = TimeOf(signed, message, parts, element);
            if (MessageTime.Parse(timestamp, signed.Format) is not { } sent)
            {
                return "The time of sending is missing, or not written as the producer's definition requires.";
            }

            if ((time.GetUtcNow() - sent).Duration() > scheme.Tolerance)
            {
                return $"The timestamp differs from the current time by more than {scheme.Tolerance}.";
            }
        }

        var prefix = scheme.Prefix ?? "";
        var signatures = parts
            .Where(part => part.StartsWith(prefix, StringComparison.Ordinal) && part.Length <= MaxSignatureLength)
            .Select(part => Decode(scheme.Encoding, part[prefix.Length..]))
            .OfType<byte[]>()
            .ToList();
        if (signatures.Count == 0)
        {
            return $"{(scheme.Header is { } header ? $"The header {header}" : "The message")} has no signature in the form that the producer's definition requires.";
        }

        if (SignedContent.Of(scheme, message, timestamp, element, out var missing) is not { } content)
        {
            return missing;
        }

        return scheme.PublicKeys.IsEmpty ? RefusalByHmac(scheme, content.Span, signatures) : RefusalByKey(scheme, content.Span, signatures);
    }

    private string? RefusalByHmac(SignatureScheme scheme, ReadOnlySpan<byte> content, List<byte[]> signatures)
    {
        var keys = secrets.Find(scheme.Secrets, scheme.SecretEncoding, out var refusal);

        // To the end, whatever matches, so that the time taken does not reveal what matched.
        var matches = false;
        foreach (var key in keys)
        {
            var expected = Hmac(scheme.Algorithm, key, content);
            foreach (var signature in signatures)
            {
                matches |= CryptographicOperations.FixedTimeEquals(signature, expected);
            }
        }

        return refusal ?? (matches ? null : "The signature does not match the message.");
    }

    private static string? RefusalByKey(SignatureScheme scheme, ReadOnlySpan<byte> content, List<byte[]> signatures)
    {
        foreach (var key in scheme.PublicKeys)
        {
            foreach (var signature in signatures)
            {
                if (IsSigned(scheme.Algorithm, key, content, signature))
                {
                    return null;
                }
            }
        }

        return "The signature does not match the message.";
    }

    private static bool IsSigned(SignatureAlgorithm algorithm, string key, ReadOnlySpan<byte> content, byte[] signature)
    {
        switch (algorithm)
        {
            case SignatureAlgorithm.RsaSha256:
                using (var rsa = PublicKeyText.ReadRsa(key))
                {
                    return rsa.VerifyData(content, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
                }

            case SignatureAlgorithm.EcdsaSha256:
                using (var ecdsa = PublicKeyText.ReadEcdsa(key))
                {
                    return ecdsa.VerifyData(content, signature, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
                }

            default:
                return signature.Length == Ed25519.SignatureSize && PublicKeyText.ReadEd25519(key) is { } bytes
                    && Ed25519.Verify(signature, 0, bytes, 0, content.ToArray(), 0, content.Length);
        }
    }

    private static string? TimeOf(SignedTime signed, MessageEnvelope message, string[] parts, JsonElement? element)
    {
        if (signed.Header is { } header)
        {
            return message.Headers(header) is [{ } only] ? only : null;
        }

        if (signed.Part is not { } prefix)
        {
            return element is { } start ? MessageElements.TextOf(new MessagePointer(signed.Pointer!).Find(start)) : null;
        }

        var times = parts.Where(part => part.StartsWith(prefix, StringComparison.Ordinal)).ToList();
        return times.Count == 1 ? times[0][prefix.Length..] : null;
    }

    private static byte[]? Decode(SignatureEncoding encoding, string text)
    {
        switch (encoding)
        {
            case SignatureEncoding.Hex:
                return text.Length > 0 && text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null;
            case SignatureEncoding.Base64Url:
                var bare = text.TrimEnd('=').Replace('-', '+').Replace('_', '/');
                return StrictBase64.TryDecode(Encoding.UTF8.GetBytes(bare.PadRight((bare.Length + 3) / 4 * 4, '='))) is { Length: > 0 } url ? url : null;
            default:
                return StrictBase64.TryDecode(Encoding.UTF8.GetBytes(text)) is { Length: > 0 } bytes ? bytes : null;
        }
    }
}
