using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using EventFunctions.Runtime;

namespace EventFunctions.Producers.Keys;

/// <summary>
/// The text of a producer's key: <c>efp_{producer}_{id}_</c> and 256 random bits in hexadecimal. The prefix is not secret, and shows whose
/// key has leaked.
/// </summary>
public static partial class ProducerKeyText
{
    /// <summary>The most characters of a key.</summary>
    public const int MaxLength = 200;

    private const int IdBytes = 6;
    private const int SecretBytes = 32;

    /// <summary>Makes the ID of a new key.</summary>
    public static string CreateId() => Convert.ToHexStringLower(RandomProvider.Current.GetBytes(IdBytes));

    /// <summary>Whether a text is the ID of a key.</summary>
    /// <param name="text">Anything.</param>
    public static bool IsId(string text) => text is { Length: 2 * IdBytes } && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Makes the text of a new key.</summary>
    /// <param name="producer">The producer's name.</param>
    /// <param name="id">The key's ID.</param>
    public static string Create(string producer, string id) =>
        $"{PrefixOf(producer, id)}_{Convert.ToHexStringLower(RandomProvider.Current.GetBytes(SecretBytes))}";

    /// <summary>The part of a key that may be shown.</summary>
    /// <param name="producer">The producer's name.</param>
    /// <param name="id">The key's ID.</param>
    public static string PrefixOf(string producer, string id) => $"efp_{producer}_{id}";

    /// <summary>Reads which key a text claims to be.</summary>
    /// <param name="text">Anything.</param>
    /// <returns>Null if it cannot be a key.</returns>
    public static (string Producer, string Id)? Parse(string text) =>
        text is { Length: <= MaxLength } && Form().Match(text) is { Success: true } match ? (match.Groups[1].Value, match.Groups[2].Value) : null;

    /// <summary>Returns the hash that is stored of a key.</summary>
    /// <param name="text">The key's text.</param>
    public static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    [GeneratedRegex(@"\Aefp_([a-z0-9][a-z0-9-]{0,62})_([0-9a-f]{12})_[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
