using System.Text.RegularExpressions;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;

namespace EventFunctions.Producers.Definitions;

/// <summary>Reads how a producer proves that a message is its own.</summary>
internal static partial class VerificationReader
{
    private const int MaxSecrets = 5;
    private const int MaxTextLength = 200;
    private const string Timestamp = "{timestamp}";
    private const string Id = "{id}";

    private static readonly TimeSpan MinTolerance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxTolerance = TimeSpan.FromHours(1);

    /// <summary>Reads <c>verification</c>.</summary>
    /// <param name="verification">The object; null where there is none.</param>
    /// <param name="hasCallers">Whether the producer names callers.</param>
    /// <returns>Null where there is none, or it cannot be read.</returns>
    public static MessageVerification? Read(DefinitionObject? verification, bool hasCallers)
    {
        if (verification is null)
        {
            return null;
        }

        if (!verification.Has("kind"))
        {
            verification.Error("kind", "Must be \"hmac\" or \"entra\".");
        }

        var kind = verification.Choice("kind", ("hmac", VerificationKind.Hmac), ("entra", VerificationKind.Entra));
        switch (kind)
        {
            case VerificationKind.Hmac:
                var scheme = ReadScheme(verification);
                verification.Close();
                return scheme is null ? null : new() { Kind = VerificationKind.Hmac, Hmac = scheme };
            case VerificationKind.Entra:
                if (!hasCallers)
                {
                    verification.Error(null, "Entra ID verification needs callers. List their object IDs in callers.");
                }

                verification.Close();
                return new() { Kind = VerificationKind.Entra };
            default:
                return null;
        }
    }

    private static HmacScheme? ReadScheme(DefinitionObject verification)
    {
        var defaults = new HmacScheme { Header = "", Secrets = [] };
        var header = verification.Text("header", CheckHeader, "HMAC verification needs header, the name of the signature's header.");
        var prefix = verification.Text("prefix", CheckText);
        var encoding = verification.Choice("encoding", ("hex", SignatureEncoding.Hex), ("base64", SignatureEncoding.Base64));
        var separator = verification.Text("separator", CheckText);
        var signed = verification.Text("signedContent", CheckSigned) ?? defaults.SignedContent;
        var timestampHeader = ReadHeader("timestampHeader", Timestamp);
        var idHeader = ReadHeader("idHeader", Id);
        if (verification.Has("tolerance") && timestampHeader is null)
        {
            verification.Error("tolerance", "Allowed only if signedContent has {timestamp}.");
        }

        var tolerance = verification.Duration("tolerance", MinTolerance, MaxTolerance) ?? defaults.Tolerance;
        var secrets = verification.Texts("secrets", MaxSecrets, secret => SecretName.IsValid(secret) ? null : $"Must be {SecretName.Meaning}.");
        if (secrets.IsEmpty)
        {
            verification.Error("secrets", $"HMAC verification needs at least one secret: {SecretName.Meaning}.");
        }

        var secretEncoding = verification.Choice("secretEncoding", ("text", SecretEncoding.Text), ("base64", SecretEncoding.Base64));
        return header is null ? null : new HmacScheme
        {
            Header = header,
            Prefix = prefix,
            Encoding = encoding ?? defaults.Encoding,
            Separator = separator,
            SignedContent = signed,
            TimestampHeader = timestampHeader,
            IdHeader = idHeader,
            Tolerance = tolerance,
            Secrets = secrets,
            SecretEncoding = secretEncoding ?? defaults.SecretEncoding,
        };

        // What is not signed proves nothing, so nobody is to rely on it.
        string? ReadHeader(string name, string placeholder)
        {
            var isSigned = signed.Contains(placeholder, StringComparison.Ordinal);
            if (!isSigned && verification.Has(name))
            {
                verification.Error(name, $"Allowed only if signedContent has {placeholder}.");
            }

            return verification.Text(name, CheckHeader, isSigned ? $"signedContent has {placeholder}. Name the header that contains it." : null);
        }
    }

    private static string? CheckHeader(string header) => MediaType.IsToken(header) ? null : "Must be a header name.";

    private static string? CheckText(string text) =>
        text.Length is > 0 and <= MaxTextLength && !text.AsSpan().ContainsAnyExceptInRange(' ', '~') ? null : $"Must be 1 to {MaxTextLength} printable ASCII characters.";

    private static string? CheckSigned(string text)
    {
        var placeholders = Placeholder().Matches(text).Select(match => match.Value).ToList();
        return CheckText(text) is { } wrong ? wrong
            : placeholders.Exists(placeholder => placeholder is not ("{body}" or Timestamp or Id))
                ? "The placeholders of the signed content are {body}, {timestamp} and {id}."
            : placeholders.Count(placeholder => placeholder == "{body}") != 1 ? "The signed content must have {body} exactly once."
            : null;
    }

    [GeneratedRegex(@"\{[^{}]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Placeholder();
}
