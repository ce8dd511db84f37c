using System.Security.Cryptography;
using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>Verifies secrets that come with messages as they are.</summary>
internal sealed class TokenVerifier(MessageSecrets secrets)
{
    /// <summary>Returns why a message is refused; null if it has the secret.</summary>
    /// <param name="scheme">Where the secret is.</param>
    /// <param name="isBasic">Whether it is a user name and a password in base64.</param>
    /// <param name="mapping">Which parts of the message are events.</param>
    /// <param name="message">The message.</param>
    public string? Refusal(TokenScheme scheme, bool isBasic, MessageMapping? mapping, MessageEnvelope message)
    {
        var keys = secrets.Find(scheme.Secrets, SecretEncoding.Text, out var refusal);
        if (refusal is not null)
        {
            return refusal;
        }

        if (scheme.Header is { } header)
        {
            return message.Headers(header) is not [{ Length: > 0 } value] ? $"The header {header} is missing or given more than once."
                : TokenOf(scheme, value, isBasic) is { } token && Matches(keys, token) ? null
                : $"The header {header} does not have the secret.";
        }

        if (mapping is null || MessageBody.TryRead(mapping, message) is not { } json
            || MessageElements.Of(mapping, MessageElements.Parse(json.Bytes)) is not { Count: > 0 and <= MessageElements.Max } elements)
        {
            return "The message has no events.";
        }

        var pointer = new MessagePointer(scheme.Pointer!);
        return elements.TrueForAll(element => MessageElements.TextOf(pointer.Find(element)) is { } token && Matches(keys, Encoding.UTF8.GetBytes(token)))
            ? null
            : $"The message does not have the secret at {scheme.Pointer}.";
    }

    /// <summary>Returns whether a text is one of the secrets, in a time that does not depend on it.</summary>
    public static bool Matches(List<byte[]> keys, byte[] token)
    {
        var hash = SHA256.HashData(token);
        var matches = false;
        foreach (var key in keys)
        {
            matches |= CryptographicOperations.FixedTimeEquals(SHA256.HashData(key), hash);
        }

        return matches;
    }

    // The name of an authentication scheme has no case (RFC 9110 §11.1).
    private static byte[]? TokenOf(TokenScheme scheme, string value, bool isBasic)
    {
        var prefix = scheme.Prefix ?? "";
        if (!value.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return null;
        }

        var token = Encoding.UTF8.GetBytes(value[prefix.Length..].Trim());
        return isBasic ? StrictBase64.TryDecode(token) : token;
    }
}
