using System.Collections.Immutable;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;

namespace EventFunctions.Producers.Definitions;

/// <summary>Reads how a producer proves that a message is its own.</summary>
internal static class VerificationReader
{
    private const int MaxSecrets = 5;
    private const string Authorization = "Authorization";

    /// <summary>Reads <c>verification</c>.</summary>
    /// <param name="verification">The object; null where there is none.</param>
    /// <param name="hasCallers">Whether the producer names callers.</param>
    /// <param name="context">What the reading shares.</param>
    /// <returns>Null where there is none, or it cannot be read.</returns>
    public static MessageVerification? Read(DefinitionObject? verification, bool hasCallers, DefinitionContext context)
    {
        if (verification is null)
        {
            return null;
        }

        if (!verification.Has("kind"))
        {
            verification.Error("kind", "Must be \"hmac\", \"publicKey\", \"token\", \"basic\" or \"entra\".");
        }

        var kind = verification.Choice(
            "kind",
            ("hmac", VerificationKind.Hmac),
            ("publicKey", VerificationKind.PublicKey),
            ("token", VerificationKind.Token),
            ("basic", VerificationKind.Basic),
            ("entra", VerificationKind.Entra));
        if (kind is not { } way)
        {
            return null;
        }

        if (way == VerificationKind.Entra && !hasCallers)
        {
            verification.Error(null, "Entra ID verification needs callers. List their object IDs in callers.");
        }

        var read = new MessageVerification
        {
            Kind = way,
            Signature = way is VerificationKind.Hmac or VerificationKind.PublicKey ? SignatureReader.Read(verification, way == VerificationKind.Hmac) : null,
            Token = way switch
            {
                VerificationKind.Token => ReadToken(verification),
                VerificationKind.Basic => new TokenScheme { Header = Authorization, Prefix = "Basic ", Secrets = ReadSecrets(verification, "secrets", "Basic authentication") },
                _ => null,
            },
            Challenge = ChallengeReader.Read(verification, context),
        };
        verification.Close();
        return way is VerificationKind.Hmac or VerificationKind.PublicKey && read.Signature is null ? null : read;
    }

    /// <summary>Reads the names of secrets, of which there must be one at least.</summary>
    /// <param name="verification">The object.</param>
    /// <param name="name">The property.</param>
    /// <param name="what">What needs them, in words.</param>
    public static ImmutableArray<string> ReadSecrets(DefinitionObject verification, string name, string what)
    {
        var secrets = verification.Texts(name, MaxSecrets, secret => SecretName.IsValid(secret) ? null : $"Must be {SecretName.Meaning}.");
        if (secrets.IsEmpty)
        {
            verification.Error(name, $"{what} needs at least one secret: {SecretName.Meaning}.");
        }

        return secrets;
    }

    /// <summary>Returns the error in the name of a header; null if it is valid.</summary>
    public static string? CheckHeader(string header) => MediaType.IsToken(header) ? null : "Must be a header name.";

    /// <summary>Returns the error in a short text; null if it is valid.</summary>
    /// <param name="text">The text.</param>
    /// <param name="max">The most characters.</param>
    public static string? CheckText(string text, int max) =>
        text.Length > 0 && text.Length <= max && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : $"Must be 1 to {max} printable ASCII characters.";

    private static TokenScheme ReadToken(DefinitionObject verification)
    {
        if (verification.Has("header") == verification.Has("pointer"))
        {
            verification.Error(null, "Use exactly one of header and pointer, the place of the token.");
        }

        return new TokenScheme
        {
            Header = verification.Text("header", CheckHeader),
            Pointer = verification.Text("pointer", DefinitionPointer.CheckPart),
            Prefix = verification.Text("prefix", text => CheckText(text, SignatureReader.MaxPrefixLength)),
            Secrets = ReadSecrets(verification, "secrets", "Verification by token"),
        };
    }
}
