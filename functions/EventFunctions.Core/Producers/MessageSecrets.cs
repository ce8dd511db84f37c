using System.Text;
using EventFunctions.CloudEvents;

namespace EventFunctions.Producers;

/// <summary>Finds the secrets that a definition names.</summary>
internal sealed class MessageSecrets(IProducerSecrets secrets)
{
    /// <summary>The fewest bytes of a secret: a shorter one can be guessed from one captured message.</summary>
    public const int MinBytes = 16;

    private const string StandardPrefix = "whsec_";

    /// <summary>Returns the keys of the secrets that can be used.</summary>
    /// <param name="names">The names of their settings.</param>
    /// <param name="encoding">How their texts give the bytes.</param>
    /// <param name="refusal">Why there is no key; null if there is one.</param>
    public List<byte[]> Find(IReadOnlyList<string> names, SecretEncoding encoding, out string? refusal)
    {
        var keys = new List<byte[]>();
        var wrong = new List<string>();
        foreach (var name in names)
        {
            if (Read(name, encoding, out var fault) is { } key)
            {
                keys.Add(key);
            }
            else
            {
                wrong.Add($"ProducerSecrets:{name} {fault}");
            }
        }

        refusal = keys.Count == 0 ? $"No secret is usable: {string.Join(", ", wrong)}." : null;
        return keys;
    }

    /// <summary>Reads the key of one secret.</summary>
    /// <param name="name">The name of its setting.</param>
    /// <param name="encoding">How its text gives the bytes.</param>
    /// <param name="fault">What is wrong with the setting, such as "is not set"; null if the key can be used.</param>
    /// <returns>Null if it cannot be used.</returns>
    public byte[]? Read(string name, SecretEncoding encoding, out string? fault)
    {
        var text = secrets.Find(name);
        var key = text is null ? null : Decode(text, encoding);
        fault = text is null ? "is not set"
            : key is null ? $"is not {(encoding == SecretEncoding.Hex ? "hexadecimal" : "base64")}"
            : key.Length < MinBytes ? $"has fewer than {MinBytes} bytes"
            : null;
        return fault is null ? key : null;
    }

    private static byte[]? Decode(string text, SecretEncoding encoding) => encoding switch
    {
        SecretEncoding.Text => Encoding.UTF8.GetBytes(text),
        SecretEncoding.Hex => text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null,
        _ => StrictBase64.TryDecode(Encoding.UTF8.GetBytes(text.StartsWith(StandardPrefix, StringComparison.Ordinal) ? text[StandardPrefix.Length..] : text)),
    };
}
