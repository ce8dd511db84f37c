using System.Security.Cryptography;
using System.Text.Json.Serialization;

namespace EventFunctions.Producers.Keys;

/// <summary>A key of a producer as the registry keeps it: by its hash, which opens nothing.</summary>
public sealed record ProducerKey
{
    /// <summary>Names the key among those of its producer.</summary>
    public required string Id { get; init; }

    /// <summary>The SHA-256 of the key's text. A fast hash is enough, because the key has 256 random bits.</summary>
    public required byte[] Hash { get; init; }

    /// <summary>What the key is for; null if nothing was said.</summary>
    public string? Label { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>The administrator who made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it ends by itself; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>The ID of the key that a rotation put in its place; null if it was not rotated.</summary>
    public string? ReplacedBy { get; init; }

    /// <summary>When it was revoked; null if it was not.</summary>
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>The administrator who revoked it.</summary>
    public string? RevokedBy { get; init; }

    /// <summary>When the key ends: its expiry, its revocation or the end of its overlap, the earliest of them.</summary>
    [JsonIgnore]
    public DateTimeOffset EndsAt => RevokedAt < (ExpiresAt ?? DateTimeOffset.MaxValue) ? RevokedAt.Value : ExpiresAt ?? DateTimeOffset.MaxValue;

    /// <summary>Whether it opens anything at a time.</summary>
    /// <param name="now">The time.</param>
    public bool IsActive(DateTimeOffset now) => RevokedAt is null && !(now >= ExpiresAt);

    /// <summary>Whether a text is this key. Takes the same time wherever the two differ.</summary>
    /// <param name="text">Anything.</param>
    public bool Matches(string text) => CryptographicOperations.FixedTimeEquals(ProducerKeyText.Hash(text), Hash);
}
