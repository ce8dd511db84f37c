using System.Collections.Immutable;

namespace EventFunctions.Producers;

/// <summary>How a producer's messages are authenticated.</summary>
public sealed record MessageVerification
{
    /// <summary>Which way.</summary>
    public required VerificationKind Kind { get; init; }

    /// <summary>The HMAC scheme, for <see cref="VerificationKind.Hmac"/>; null for Entra ID, where the producer's callers may post.</summary>
    public HmacScheme? Hmac { get; init; }
}

/// <summary>Ways to authenticate a message.</summary>
public enum VerificationKind
{
    /// <summary>An HMAC signature with a shared secret, in a header.</summary>
    Hmac,

    /// <summary>An Entra ID principal that is one of the producer's callers.</summary>
    Entra,
}

/// <summary>An HMAC-SHA-256 signature as common webhook senders make it.</summary>
public sealed record HmacScheme
{
    /// <summary>The header that holds the signature, or several of them.</summary>
    public required string Header { get; init; }

    /// <summary>What stands before the signature in the header, such as <c>sha256=</c> or <c>v1,</c>; null for nothing.</summary>
    public string? Prefix { get; init; }

    /// <summary>How the signature is written.</summary>
    public SignatureEncoding Encoding { get; init; }

    /// <summary>The separator of several signatures in the header; null if there is only one.</summary>
    public string? Separator { get; init; }

    /// <summary>
    /// The signed text, with the placeholders <c>{body}</c>, <c>{timestamp}</c> and <c>{id}</c>, such as <c>{timestamp}.{body}</c>; it has
    /// <c>{body}</c> exactly once.
    /// </summary>
    public string SignedContent { get; init; } = "{body}";

    /// <summary>The header that holds the time of sending in Unix seconds; needed where the signed content names it.</summary>
    public string? TimestampHeader { get; init; }

    /// <summary>The header that holds the message's ID; needed where the signed content names it.</summary>
    public string? IdHeader { get; init; }

    /// <summary>How far the time of sending may lie from now, either way.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The names of the settings below <c>ProducerSecrets:</c> that hold the secrets, several during a rotation.</summary>
    public required ImmutableArray<string> Secrets { get; init; }

    /// <summary>How a secret's text gives the key's bytes.</summary>
    public SecretEncoding SecretEncoding { get; init; }
}

/// <summary>How a signature is written.</summary>
public enum SignatureEncoding
{
    /// <summary>Hexadecimal, in either case.</summary>
    Hex,

    /// <summary>Base64 (RFC 4648 §4).</summary>
    Base64,
}

/// <summary>How a secret's text gives the key's bytes.</summary>
public enum SecretEncoding
{
    /// <summary>Its UTF-8 bytes.</summary>
    Text,

    /// <summary>Base64, after an optional <c>whsec_</c> (Standard Webhooks).</summary>
    Base64,
}
