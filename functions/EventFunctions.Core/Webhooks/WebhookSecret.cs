using System.Diagnostics.CodeAnalysis;
using EventFunctions.Runtime;

namespace EventFunctions.Webhooks;

/// <summary>A symmetric secret by the Standard Webhooks specification: <c>whsec_</c> and 24 to 64 bytes in base64.</summary>
public sealed class WebhookSecret
{
    /// <summary>What the text of a secret begins with.</summary>
    public const string Prefix = "whsec_";

    private const int NewBytes = 32;
    private const int MinBytes = 24;
    private const int MaxBytes = 64;

    private readonly byte[] _bytes;

    private WebhookSecret(byte[] bytes) => _bytes = bytes;

    /// <summary>The bytes that messages are signed with.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The text that the customer is given; it belongs in no log.</summary>
    public string Text => Prefix + Convert.ToBase64String(_bytes);

    /// <summary>Makes one of 32 random bytes.</summary>
    public static WebhookSecret Create() => new(RandomProvider.Current.GetBytes(NewBytes));

    /// <summary>Reads a secret's text.</summary>
    /// <param name="text">Anything.</param>
    /// <param name="secret">The secret.</param>
    /// <returns>Whether it is one.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out WebhookSecret? secret)
    {
        secret = null;
        if (text?.StartsWith(Prefix, StringComparison.Ordinal) != true)
        {
            return false;
        }

        Span<byte> bytes = stackalloc byte[MaxBytes + 1];
        if (Convert.TryFromBase64String(text[Prefix.Length..], bytes, out var count) && count is >= MinBytes and <= MaxBytes)
        {
            secret = new WebhookSecret(bytes[..count].ToArray());
        }

        return secret is not null;
    }

    /// <summary>Never the secret.</summary>
    public override string ToString() => Prefix + "…";
}
