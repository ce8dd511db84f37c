using System.Text.Json;
using static EventFunctions.Definitions.OptionalMembers;

namespace EventFunctions.Producers.Definitions;

/// <summary>Writes how a producer proves that a message is its own.</summary>
internal static class VerificationJson
{
    /// <summary>Writes <c>verification</c>.</summary>
    public static void Write(Utf8JsonWriter writer, MessageVerification verification)
    {
        writer.WriteStartObject();
        WriteText(writer, "kind", ProducerJson.Name(verification.Kind));
        if (verification.Signature is { } signature)
        {
            Write(writer, signature);
        }
        else if (verification is { Kind: VerificationKind.Token, Token: { } token })
        {
            WriteText(writer, "header", token.Header);
            WriteText(writer, "pointer", token.Pointer);
            WriteText(writer, "prefix", token.Prefix);
        }

        WriteTexts(writer, "secrets", verification.Signature?.Secrets ?? verification.Token?.Secrets ?? []);
        if (verification.Challenge is { } challenge)
        {
            Write(writer, challenge);
        }

        writer.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter writer, SignatureScheme signature)
    {
        var defaults = new SignatureScheme();
        WriteText(writer, "header", signature.Header);
        WriteText(writer, "pointer", signature.Pointer);
        WriteText(writer, "prefix", signature.Prefix);
        WriteText(writer, "encoding", signature.Encoding == defaults.Encoding ? null : signature.Encoding == SignatureEncoding.Base64Url ? "base64url" : ProducerJson.Name(signature.Encoding));
        WriteText(writer, "separator", signature.Separator);
        WriteText(writer, "algorithm", signature.Algorithm == defaults.Algorithm ? null : SignatureReader.NameOf(signature.Algorithm));
        WriteText(writer, "signedContent", signature.SignedContent == defaults.SignedContent ? null : signature.SignedContent);
        if (signature.Timestamp is { } timestamp)
        {
            writer.WriteStartObject("timestamp"u8);
            WriteText(writer, "header", timestamp.Header);
            WriteText(writer, "part", timestamp.Part);
            WriteText(writer, "pointer", timestamp.Pointer);
            WriteText(writer, "format", timestamp.Format == TimeFormat.Seconds ? null : ProducerJson.Name(timestamp.Format));
            writer.WriteEndObject();
        }

        WriteDuration(writer, "tolerance", signature.Tolerance == defaults.Tolerance ? null : signature.Tolerance);
        WriteText(writer, "url", signature.Url);
        WriteText(writer, "secretEncoding", signature.SecretEncoding == defaults.SecretEncoding ? null : ProducerJson.Name(signature.SecretEncoding));
        WriteTexts(writer, "publicKeys", signature.PublicKeys);
    }

    private static void Write(Utf8JsonWriter writer, MessageChallenge challenge)
    {
        writer.WriteStartObject("challenge"u8);
        WriteText(writer, "query", challenge.Query);
        WriteText(writer, "method", challenge.IsGet ? "GET" : null);
        WriteText(writer, "tokenQuery", challenge.TokenQuery);
        WriteText(writer, "pointer", challenge.Pointer);
        WriteText(writer, "value", challenge.Value);
        WriteText(writer, "text", challenge.Text);
        if (!challenge.Members.IsEmpty)
        {
            writer.WriteStartObject("members"u8);
            foreach (var (name, template) in challenge.Members)
            {
                writer.WriteString(name, template);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
        WriteTexts(writer, "challengeSecrets", challenge.Secrets);
    }
}
