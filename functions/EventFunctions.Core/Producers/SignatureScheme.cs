using System.Collections.Immutable;

namespace EventFunctions.Producers;

/// <summary>A signature as senders of webhooks make it.</summary>
public sealed record SignatureScheme
{
    /// <summary>The header that holds the signature, or several of them; null if the message holds it.</summary>
    public string? Header { get; init; }

    /// <summary>The JSON pointer of the signature in the message, or in each of its events; null if a header holds it.</summary>
    public string? Pointer { get; init; }

    /// <summary>What stands before the signature, such as <c>sha256=</c> or <c>v1,</c>; null for nothing.</summary>
    public string? Prefix { get; init; }

    /// <summary>How the signature is written.</summary>
    internal SignatureEncoding Encoding { get; init; }

    /// <summary>The separator of several signatures in the header; null if there is only one.</summary>
    public string? Separator { get; init; }

    /// <summary>How the signature is computed.</summary>
    internal SignatureAlgorithm Algorithm { get; init; }

    /// <summary>
    /// The signed text. Its placeholders are <c>{body}</c>, <c>{form}</c>, <c>{timestamp}</c>, <c>{url}</c>, <c>{method}</c>,
    /// <c>{header:NAME}</c>, and JSON pointers such as <c>{/id}</c>.
    /// </summary>
    public string SignedContent { get; init; } = "{body}";

    /// <summary>Whether the body is signed byte for byte.</summary>
    internal bool CoversBody => SignedContent.Contains("{body}", StringComparison.Ordinal);

    /// <summary>Where the time of sending is; null if it is not signed.</summary>
    internal SignedTime? Timestamp { get; init; }

    /// <summary>How far the time of sending may lie from now, either way.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The URL as the sender has it; needed if it is signed, because a proxy may change what arrives.</summary>
    public string? Url { get; init; }

    /// <summary>The names of the settings below <c>ProducerSecrets:</c> that hold the secrets, several during a rotation.</summary>
    public ImmutableArray<string> Secrets { get; init; } = [];

    /// <summary>How a secret's text gives the key's bytes.</summary>
    internal SecretEncoding SecretEncoding { get; init; }

    /// <summary>The sender's public keys, several during a rotation.</summary>
    public ImmutableArray<string> PublicKeys { get; init; } = [];
}

/// <summary>Where the time of sending is: exactly one of header, part and pointer is set.</summary>
internal sealed record SignedTime
{
    /// <summary>The header that holds it.</summary>
    public string? Header { get; init; }

    /// <summary>The beginning of its part in the signature's own header, such as <c>t=</c>.</summary>
    public string? Part { get; init; }

    /// <summary>Its JSON pointer in the message.</summary>
    public string? Pointer { get; init; }

    /// <summary>How it is written.</summary>
    public TimeFormat Format { get; init; }
}

/// <summary>How a time is written.</summary>
public enum TimeFormat
{
    /// <summary>Seconds since 1970.</summary>
    Seconds,

    /// <summary>Milliseconds since 1970.</summary>
    Milliseconds,

    /// <summary>As in RFC 3339.</summary>
    Rfc3339,
}

/// <summary>How a signature is computed.</summary>
internal enum SignatureAlgorithm
{
    /// <summary>HMAC-SHA-256.</summary>
    Sha256,

    /// <summary>HMAC-SHA-512.</summary>
    Sha512,

    /// <summary>HMAC-SHA-1, for senders that know nothing better.</summary>
    Sha1,

    /// <summary>Ed25519 (RFC 8032).</summary>
    Ed25519,

    /// <summary>RSA with PKCS #1 padding and SHA-256.</summary>
    RsaSha256,

    /// <summary>ECDSA on P-256 with SHA-256; the signature is a DER sequence.</summary>
    EcdsaSha256,
}

/// <summary>How a signature is written.</summary>
internal enum SignatureEncoding
{
    /// <summary>Hexadecimal, in either case.</summary>
    Hex,

    /// <summary>Base64 (RFC 4648 §4).</summary>
    Base64,

    /// <summary>Base64 for URLs (RFC 4648 §5), with or without padding.</summary>
    Base64Url,
}

/// <summary>How a secret's text gives the key's bytes.</summary>
internal enum SecretEncoding
{
    /// <summary>Its UTF-8 bytes.</summary>
    Text,

    /// <summary>Hexadecimal.</summary>
    Hex,

    /// <summary>Base64, after an optional <c>whsec_</c> (Standard Webhooks).</summary>
    Base64,
}
