using System.Text;
using System.Text.Json;
using EventFunctions.Definitions;
using EventFunctions.Producers;
using EventFunctions.Producers.Definitions;

namespace EventFunctions.Intake.Messages;

/// <summary>Responds to requests by which senders find out whether a receiver is their own.</summary>
/// <param name="secrets">The secrets that definitions name.</param>
public sealed class ChallengeResponder(IProducerSecrets secrets)
{
    private const int MaxQueryLength = 1_024;

    private readonly MessageSecrets _secrets = new(secrets);

    /// <summary>Responds to a request whose query holds the challenge.</summary>
    /// <param name="challenge">What the sender sends; null if nothing.</param>
    /// <param name="isGet">Whether the request is a GET.</param>
    /// <param name="query">Returns the values of a query parameter.</param>
    /// <returns>Null if the request is no challenge, or does not have the secret.</returns>
    public ChallengeResponse? ToQuery(MessageChallenge? challenge, bool isGet, MessageHeaders query)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (challenge is not { Query: { } name } || challenge.IsGet != isGet
            || query(name) is not [{ Length: > 0 and <= MaxQueryLength } value] || value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            return null;
        }

        if (challenge.TokenQuery is { } tokenName)
        {
            var keys = _secrets.Find(challenge.Secrets, SecretEncoding.Text, out _);
            if (query(tokenName) is not [{ Length: > 0 } token] || !TokenVerifier.Matches(keys, Encoding.UTF8.GetBytes(token)))
            {
                return null;
            }
        }

        return ChallengeResponse.OfText(value);
    }

    /// <summary>Responds to a verified message that is a challenge.</summary>
    /// <param name="producer">Whose message it is.</param>
    /// <param name="message">The message.</param>
    /// <returns>Null if it is none.</returns>
    public ChallengeResponse? ToMessage(Producer producer, MessageEnvelope message)
    {
        ArgumentNullException.ThrowIfNull(producer);
        if (producer is not { Messages: { } mapping, Verification: { Challenge: { Pointer: { } pointer } challenge } verification }
            || MessageBody.TryRead(mapping, message) is not { } json)
        {
            return null;
        }

        var whole = MessageElements.Parse(json.Bytes);
        var value = MessageElements.TextOf(new MessagePointer(pointer).Find(whole));
        if (value is null || (challenge.Value is { } expected && value != expected))
        {
            return null;
        }

        return challenge.Text is { } text ? ChallengeResponse.OfText(Fill(text, verification.Signature, whole))
            : challenge.Members.IsEmpty ? new ChallengeResponse(null, default)
            : new ChallengeResponse("application/json", JsonSerializer.SerializeToUtf8Bytes(
                challenge.Members.ToDictionary(member => member.Key, member => Fill(member.Value, verification.Signature, whole))));
    }

    private string Fill(string template, SignatureScheme? scheme, JsonElement message)
    {
        var filled = new StringBuilder();
        foreach (var (text, isPlaceholder) in TextTemplate.Parse(template).Parts)
        {
            var isHmac = isPlaceholder && text.StartsWith(ChallengeReader.Hmac, StringComparison.Ordinal);
            var value = !isPlaceholder ? text : MessageElements.TextOf(new MessagePointer(isHmac ? text[ChallengeReader.Hmac.Length..] : text).Find(message)) ?? "";
            filled.Append(isHmac ? Hmac(scheme, value) : value);
        }

        return filled.ToString();
    }

    // With the first secret: the sender compares with the one that it shows its customer.
    private string Hmac(SignatureScheme? scheme, string value) =>
        scheme is not null && _secrets.Find(scheme.Secrets, scheme.SecretEncoding, out _) is [var key, ..]
            ? Convert.ToHexStringLower(SignatureVerifier.Hmac(scheme.Algorithm, key, Encoding.UTF8.GetBytes(value)))
            : "";
}

/// <summary>The response to a challenge.</summary>
/// <param name="ContentType">Its content type; null for no content.</param>
/// <param name="Body">Its body.</param>
public sealed record ChallengeResponse(string? ContentType, ReadOnlyMemory<byte> Body)
{
    /// <summary>Creates a response of plain text.</summary>
    public static ChallengeResponse OfText(string text) => new("text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text));
}
