using System.Collections.Immutable;
using EventFunctions.Definitions;

namespace EventFunctions.Producers.Definitions;

/// <summary>Reads how a sender finds out whether the receiver is its own.</summary>
internal static class ChallengeReader
{
    /// <summary>Begins the placeholder of a value's HMAC.</summary>
    public const string Hmac = "hmac:";

    private const int MaxMembers = 10;
    private const int MaxTextLength = 1_000;

    /// <summary>Reads <c>challenge</c> and <c>challengeSecrets</c>.</summary>
    /// <param name="verification">The object that has them.</param>
    /// <param name="context">What the reading shares.</param>
    /// <returns>Null where there is none.</returns>
    public static MessageChallenge? Read(DefinitionObject verification, DefinitionContext context)
    {
        if (verification.Object("challenge") is not { } challenge)
        {
            return null;
        }

        var isQuery = challenge.Has("query");
        if (isQuery == challenge.Has("pointer"))
        {
            challenge.Error(null, "Use exactly one of query and pointer.");
        }

        var read = isQuery ? ReadQuery(challenge) : ReadMessage(challenge, context);
        challenge.Close();
        return read.TokenQuery is null ? read : read with
        {
            Secrets = VerificationReader.ReadSecrets(verification, "challengeSecrets", "A challenge with tokenQuery"),
        };
    }

    private static MessageChallenge ReadQuery(DefinitionObject challenge) => new()
    {
        Query = challenge.Text("query", CheckText),
        IsGet = challenge.Choice("method", ("GET", true), ("POST", false)) ?? false,
        TokenQuery = challenge.Text("tokenQuery", CheckText),
    };

    private static MessageChallenge ReadMessage(DefinitionObject challenge, DefinitionContext context)
    {
        var members = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var pointer = challenge.Text("pointer", DefinitionPointer.CheckPart);
        var value = challenge.Text("value", CheckText);
        if (challenge.Has("text") && challenge.Has("members"))
        {
            challenge.Error(null, "Use at most one of text and members.");
        }

        var text = challenge.Text("text", CheckTemplate);
        if (challenge.TryTake("members", out var json)
            && DefinitionObject.Open(json, DefinitionPointer.Member(challenge.Pointer, "members"), context) is { } given)
        {
            foreach (var name in given.Names.Take(MaxMembers))
            {
                if (given.Text(name, CheckTemplate) is { } template)
                {
                    members[name] = template;
                }
            }

            given.Close();
        }

        return new MessageChallenge { Pointer = pointer, Value = value, Text = text, Members = members.ToImmutable() };
    }

    private static string? CheckText(string text) => VerificationReader.CheckText(text, MaxTextLength);

    private static string? CheckTemplate(string text) =>
        CheckText(text) ?? (TextTemplate.Parse(text).Placeholders.All(IsKnown)
            ? null
            : "The placeholders of a response are JSON pointers such as {/challenge}, and {hmac:/challenge}.");

    private static bool IsKnown(string placeholder) =>
        DefinitionPointer.CheckPart(placeholder.StartsWith(Hmac, StringComparison.Ordinal) ? placeholder[Hmac.Length..] : placeholder) is null;
}
