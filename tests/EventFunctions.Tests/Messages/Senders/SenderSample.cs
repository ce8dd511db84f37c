namespace EventFunctions.Tests.Messages.Senders;

/// <summary>A message as a sender documents it.</summary>
/// <param name="Preset">The preset.</param>
/// <param name="Definition">What a definition adds to the preset: members of the JSON object after <c>preset</c>.</param>
/// <param name="Secret">The value of <c>ProducerSecrets:SECRET</c>.</param>
/// <param name="Body">The message.</param>
/// <param name="Tamper">What a forger changes, and into what.</param>
/// <param name="Sign">The headers for a body that is sent at a time.</param>
/// <param name="Type">The type of the first event.</param>
/// <param name="Subject">The subject of the first event.</param>
internal sealed record SenderSample(
    string Preset,
    string Definition,
    string Secret,
    string Body,
    (string Old, string New) Tamper,
    Func<string, DateTimeOffset, (string Name, string Value)[]> Sign,
    string Type,
    string? Subject)
{
    /// <summary>The ID of the first event; null if it is a hash.</summary>
    public string? Id { get; init; }

    /// <summary>How many events the message has.</summary>
    public int Events { get; init; } = 1;

    /// <summary>Whether the sender signs the time of sending.</summary>
    public bool IsTimed { get; init; }

    /// <summary>The status of the response to an accepted message.</summary>
    public int Accepted { get; init; } = 202;

    public override string ToString() => Preset;
}
