using System.Collections.Immutable;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;

namespace EventFunctions.Producers.Definitions;

/// <summary>Reads how a message is signed.</summary>
internal static class SignatureReader
{
    /// <summary>The most characters before a signature.</summary>
    public const int MaxPrefixLength = 200;

    private const int MaxKeys = 5;
    private const int MaxKeyLength = 4_096;
    private const int MaxSignedLength = 1_000;
    private const int MaxUrlLength = 2_048;

    private static readonly (string Name, SignatureAlgorithm Value)[] Hashes =
        [("sha256", SignatureAlgorithm.Sha256), ("sha512", SignatureAlgorithm.Sha512), ("sha1", SignatureAlgorithm.Sha1)];

    private static readonly (string Name, SignatureAlgorithm Value)[] Keys =
        [("ed25519", SignatureAlgorithm.Ed25519), ("rsa-sha256", SignatureAlgorithm.RsaSha256), ("ecdsa-sha256", SignatureAlgorithm.EcdsaSha256)];

    private static readonly TimeSpan MinTolerance = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan MaxTolerance = TimeSpan.FromHours(1);

    /// <summary>Reads a signature.</summary>
    /// <param name="verification">The object that has it.</param>
    /// <param name="isShared">Whether both sides share a secret; else the sender has a private key.</param>
    /// <returns>Null where it cannot be read.</returns>
    public static SignatureScheme? Read(DefinitionObject verification, bool isShared)
    {
        var defaults = new SignatureScheme();
        var hasPlace = verification.Has("header") != verification.Has("pointer");
        if (!hasPlace)
        {
            verification.Error(null, "Use exactly one of header and pointer, the place of the signature.");
        }

        var header = verification.Text("header", VerificationReader.CheckHeader);
        var pointer = verification.Text("pointer", DefinitionPointer.CheckPart);
        var signed = verification.Text("signedContent", CheckSigned) ?? defaults.SignedContent;
        var placeholders = TextTemplate.Parse(signed).Placeholders.ToList();
        var timestamp = ReadTime(verification, placeholders, header);
        if (verification.Has("tolerance") && timestamp is null)
        {
            verification.Error("tolerance", "Allowed only with timestamp.");
        }

        var algorithm = isShared ? verification.Choice("algorithm", Hashes) : verification.Choice("algorithm", Keys);
        if (!isShared && algorithm is null && !verification.Has("algorithm"))
        {
            algorithm = SignatureAlgorithm.Ed25519;
        }

        var read = new SignatureScheme
        {
            Header = header,
            Pointer = pointer,
            Prefix = verification.Text("prefix", text => VerificationReader.CheckText(text, MaxPrefixLength)),
            Encoding = verification.Choice(
                "encoding", ("hex", SignatureEncoding.Hex), ("base64", SignatureEncoding.Base64), ("base64url", SignatureEncoding.Base64Url)) ?? defaults.Encoding,
            Separator = verification.Text("separator", text => VerificationReader.CheckText(text, MaxPrefixLength)),
            Algorithm = algorithm ?? defaults.Algorithm,
            SignedContent = signed,
            Timestamp = timestamp,
            Tolerance = verification.Duration("tolerance", MinTolerance, MaxTolerance) ?? defaults.Tolerance,
            Url = ReadUrl(verification, placeholders),
            Secrets = isShared ? VerificationReader.ReadSecrets(verification, "secrets", "HMAC verification") : [],
            SecretEncoding = !isShared ? defaults.SecretEncoding : verification.Choice(
                "secretEncoding", ("text", SecretEncoding.Text), ("hex", SecretEncoding.Hex), ("base64", SecretEncoding.Base64)) ?? defaults.SecretEncoding,
            PublicKeys = isShared ? [] : ReadKeys(verification, algorithm ?? SignatureAlgorithm.Ed25519),
        };
        return hasPlace ? read : null;
    }

    /// <summary>Returns an algorithm's name in definitions.</summary>
    public static string NameOf(SignatureAlgorithm algorithm) => Hashes.Concat(Keys).First(known => known.Value == algorithm).Name;

    // Nothing may rely on a time that is not signed.
    private static SignedTime? ReadTime(DefinitionObject verification, List<string> placeholders, string? header)
    {
        var isSigned = placeholders.Contains("timestamp");
        if (verification.Object("timestamp") is not { } timestamp)
        {
            if (isSigned)
            {
                verification.Error("timestamp", "signedContent has {timestamp}. Name its place, for example { \"header\": \"X-Timestamp\" }.");
            }

            return null;
        }

        string[] places = ["header", "part", "pointer"];
        if (places.Count(timestamp.Has) != 1)
        {
            timestamp.Error(null, "Use exactly one of header, part and pointer.");
        }

        var read = new SignedTime
        {
            Header = timestamp.Text("header", VerificationReader.CheckHeader),
            Part = timestamp.Text("part", text => VerificationReader.CheckText(text, MaxPrefixLength)),
            Pointer = timestamp.Text("pointer", DefinitionPointer.CheckPart),
            Format = timestamp.Choice("format", FormatNames) ?? TimeFormat.Seconds,
        };
        timestamp.Close();
        if (read.Part is not null && header is null)
        {
            timestamp.Error("part", "Allowed only with header, the place of the signature.");
        }

        var isCovered = read.Pointer is { } place ? placeholders.Contains("body") || placeholders.Contains(place) : isSigned;
        if (!isCovered)
        {
            timestamp.Error(null, $"Allowed only if signedContent has {(read.Pointer is null ? "{timestamp}" : "{body}")}.");
        }

        return read;
    }

    /// <summary>The names of ways to write a time.</summary>
    public static (string Name, TimeFormat Value)[] FormatNames { get; } =
        [("seconds", TimeFormat.Seconds), ("milliseconds", TimeFormat.Milliseconds), ("rfc3339", TimeFormat.Rfc3339)];

    private static string? ReadUrl(DefinitionObject verification, List<string> placeholders)
    {
        var isSigned = placeholders.Contains("url");
        if (verification.Has("url") && !isSigned)
        {
            verification.Error("url", "Allowed only if signedContent has {url}.");
        }

        const string Meaning = "signedContent has {url}. Give the URL exactly as the sender has it, such as \"https://events.example.com/api/producers/square/events\".";
        return verification.Text(
            "url",
            text => text.Length <= MaxUrlLength && UriSyntax.IsAbsolute(text) && Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "https" or "http" ? null : Meaning,
            isSigned ? Meaning : null);
    }

    private static ImmutableArray<string> ReadKeys(DefinitionObject verification, SignatureAlgorithm algorithm)
    {
        var keys = verification.Texts("publicKeys", MaxKeys, text =>
            text.Length <= MaxKeyLength ? PublicKeyText.Check(text, algorithm) : $"Must have at most {MaxKeyLength} characters.");
        if (keys.IsEmpty)
        {
            verification.Error("publicKeys", "Verification by public key needs at least one key, as PEM or base64.");
        }

        return keys;
    }

    private static string? CheckSigned(string text)
    {
        if (VerificationReader.CheckText(text, MaxSignedLength) is { } wrong)
        {
            return wrong;
        }

        var placeholders = TextTemplate.Parse(text).Placeholders.ToList();
        var unknown = placeholders.Find(placeholder =>
            placeholder is not ("body" or "form" or "timestamp" or "url" or "method")
            && !(placeholder.StartsWith('/') && DefinitionPointer.CheckPart(placeholder) is null)
            && !(placeholder.StartsWith(MessageValue.HeaderPlaceholder, StringComparison.Ordinal) && MediaType.IsToken(placeholder.AsSpan(MessageValue.HeaderPlaceholder.Length))));
        return unknown is not null
            ? $"Unknown placeholder {{{unknown}}}. Use {{body}}, {{form}}, {{timestamp}}, {{url}}, {{method}}, {{header:NAME}} or a JSON pointer such as {{/id}}."
            : placeholders.Count(placeholder => placeholder is "body" or "form") == 1 ? null
            : placeholders.Exists(placeholder => placeholder is "body" or "form") || !placeholders.Exists(placeholder => placeholder.StartsWith('/'))
                ? "The signed content must have {body} or {form} exactly once, or JSON pointers."
            : null;
    }
}
