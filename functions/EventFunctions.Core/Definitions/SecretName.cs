using System.Buffers;

namespace EventFunctions.Definitions;

/// <summary>The names of settings below <c>ProducerSecrets:</c> and <c>WebhookSecrets:</c>, which are all that a definition may hold of a secret.</summary>
internal static class SecretName
{
    /// <summary>What such a name is, in words.</summary>
    public const string Meaning = "the name of a setting below ProducerSecrets: (letters, digits, _ and -), not the secret itself";

    /// <summary>The same for webhooks, whose definitions cannot name producers' secrets.</summary>
    public const string MeaningForWebhooks = "the name of a setting below WebhookSecrets: (letters, digits, _ and -), not the secret itself";

    private const int MaxLength = 127;

    private static readonly SearchValues<char> Characters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Whether a text is one.</summary>
    /// <param name="text">The text.</param>
    public static bool IsValid(string? text) => text is { Length: > 0 and <= MaxLength } && !text.AsSpan().ContainsAnyExcept(Characters);
}
