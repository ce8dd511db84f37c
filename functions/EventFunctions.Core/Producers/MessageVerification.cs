namespace EventFunctions.Producers;

/// <summary>How a producer's messages are authenticated.</summary>
public sealed record MessageVerification
{
    /// <summary>Which way.</summary>
    public required VerificationKind Kind { get; init; }

    /// <summary>The signature, for <see cref="VerificationKind.Hmac"/> and <see cref="VerificationKind.PublicKey"/>.</summary>
    public SignatureScheme? Signature { get; init; }

    /// <summary>The token, for <see cref="VerificationKind.Token"/> and <see cref="VerificationKind.Basic"/>.</summary>
    internal TokenScheme? Token { get; init; }

    /// <summary>How the sender finds out whether the receiver is its own; null if it does not ask.</summary>
    public MessageChallenge? Challenge { get; init; }
}

/// <summary>Ways to authenticate a message.</summary>
public enum VerificationKind
{
    /// <summary>A signature with a shared secret.</summary>
    Hmac,

    /// <summary>A signature with the sender's private key.</summary>
    PublicKey,

    /// <summary>A shared secret as it is, in a header or in the message.</summary>
    Token,

    /// <summary>A user name and a password (RFC 7617).</summary>
    Basic,

    /// <summary>An Entra ID principal that is one of the producer's callers.</summary>
    Entra,
}
