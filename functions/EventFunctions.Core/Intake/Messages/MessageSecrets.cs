using System.Text;
using EventFunctions.CloudEvents;
using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

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
            var key = secrets.Find(name) is { } text ? Decode(text, encoding) : null;
            if (key is { Length: >= MinBytes })
            {
                keys.Add(key);
            }
            else
            {
                wrong.Add($"ProducerSecrets:{name} {(key is null ? "is missing or malformed" : $"has fewer than {MinBytes} bytes")}");
            }
        }

        refusal = keys.Count == 0 ? $"No secret is usable: {string.Join(", ", wrong)}." : null;
        return keys;
    }

    private static byte[]? Decode(string text, SecretEncoding encoding) => encoding switch
    {
        SecretEncoding.Text => Encoding.UTF8.GetBytes(text),
        SecretEncoding.Hex => text.Length % 2 == 0 && text.All(char.IsAsciiHexDigit) ? Convert.FromHexString(text) : null,
        _ => StrictBase64.TryDecode(Encoding.UTF8.GetBytes(text.StartsWith(StandardPrefix, StringComparison.Ordinal) ? text[StandardPrefix.Length..] : text)),
    };
}
