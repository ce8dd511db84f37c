using EventFunctions.Producers;

namespace EventFunctions.Intake.Messages;

/// <summary>Verifies that a message was sent by its producer.</summary>
public sealed class MessageVerifier
{
    private readonly SignatureVerifier _signatures;
    private readonly TokenVerifier _tokens;

    /// <summary>Creates a verifier.</summary>
    /// <param name="secrets">The secrets that definitions name.</param>
    /// <param name="time">The clock.</param>
    public MessageVerifier(IProducerSecrets secrets, TimeProvider time)
    {
        var found = new MessageSecrets(secrets);
        _signatures = new SignatureVerifier(found, time);
        _tokens = new TokenVerifier(found);
    }

    /// <summary>Checks a message.</summary>
    /// <param name="producer">Who it is said to come from.</param>
    /// <param name="message">The message.</param>
    /// <param name="caller">The Entra ID object that the platform says calls; null where it says nothing.</param>
    /// <returns>Null for a message that is the producer's own, else why it is refused: for the log, not for the caller.</returns>
    public string? Refusal(Producer producer, MessageEnvelope message, string? caller)
    {
        ArgumentNullException.ThrowIfNull(producer);
        ArgumentNullException.ThrowIfNull(message);
        return producer switch
        {
            // Only the callers that a producer names may post, and a signature does not show that it is one of them.
            { Verification.Kind: VerificationKind.Entra } or { Verification: not null, Callers.Count: > 0 } when caller is null => "The request has no Entra ID identity.",
            { Verification.Kind: VerificationKind.Entra } or { Verification: not null, Callers.Count: > 0 } when !producer.Callers.Contains(caller) =>
                "The caller is not on the producer's list of callers.",
            { Verification.Kind: VerificationKind.Entra } => null,
            { Verification.Signature: { } scheme } => _signatures.Refusal(scheme, producer.Messages, message),
            { Verification: { Token: { } token } verification } =>
                _tokens.Refusal(token, verification.Kind == VerificationKind.Basic, producer.Messages, message),
            _ => "The producer has no verification.",
        };
    }
}
